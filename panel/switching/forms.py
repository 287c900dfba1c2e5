"""The questions of a preset, and the choice of where mail shall go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from dnszone import changeset, names, presets
from dnszone.presets import HERE, PRESETS, Ask, Preset, Tidy
from dnszone.spec import RecordSpec
from lib.errors import Refused

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "mono"}
HOSTS_MAX = 10


class PresetForm(forms.Form):
    """``leaving``: names that SPF may lose with the move, ``from_here``: mail comes here now. ``pending``:
    how many changes of the person wait; the preset takes their place. ``lasts``: in words, how long others
    keep the old MX; empty where no routing is kept."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        preset: Preset,
        zone: str,
        leaving: Sequence[str] = (),
        from_here: bool = False,
        pending: int = 0,
        lasts: str = "",
    ) -> None:
        self.preset, self.zone, self.leaving = preset, zone, leaving
        super().__init__(data)
        starts = presets.starts(preset, zone)
        for ask in preset.asks:
            self.fields[ask.name] = _field(ask, starts.get(ask.name, ""))
        self.fields["programs"] = self._programs()
        for number, name in enumerate(leaving):
            self.fields[f"drop{number}"] = forms.BooleanField(
                label=_("Take %(name)s out of SPF") % {"name": name},
                help_text=_(
                    "Leave it in while anything is still sent from there, such as a website’s forms."
                ),
                required=False,
                initial=from_here,
            )
        if lasts and from_here and preset.slug != HERE:
            self.fields["keep"] = _keep_field(lasts)
        if pending:
            self.fields["replace"] = forms.BooleanField(
                label=_("Give up the changes that I have not applied yet"),
                error_messages={"required": _("Tick this, or apply those changes first.")},
            )

    def _programs(self) -> forms.Field:
        here = self.preset.slug == HERE
        label = (
            _("Let mail programs find their settings here")
            if here
            else _("Take away what leads mail programs to where mail goes now")
        )
        hint = (
            _("Adds the records by which Thunderbird, Outlook and others set themselves up.")
            if here
            else _("Otherwise Thunderbird, Outlook and others would set themselves up for the old mailbox.")
        )
        return forms.BooleanField(label=label, help_text=hint, required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        """Every answer is tried as the record that it becomes, so that the error stands at its field."""
        fill = presets.filler(self.zone, {"selector": self.cleaned_data.get("selector", "")})
        for ask in self.preset.asks:
            typed = str(self.cleaned_data.get(ask.name) or "").strip()
            if typed:
                try:
                    _try(ask, fill(ask.owner), typed, self.zone)
                except Refused as refused:
                    self.add_error(ask.name, refused.message)
        return self.cleaned_data

    def answers(self) -> dict[str, str]:
        return {ask.name: str(self.cleaned_data.get(ask.name) or "").strip() for ask in self.preset.asks}

    def tidy(self) -> Tidy:
        """After is_valid(). What leads here stays untouched when mail comes here."""
        programs = bool(self.cleaned_data["programs"]) and self.preset.slug != HERE
        gone = [name for n, name in enumerate(self.leaving) if self.cleaned_data.get(f"drop{n}")]
        return Tidy(programs=programs, includes=gone)


def _keep_field(lasts: str) -> forms.Field:
    return forms.BooleanField(
        label=_("Keep taking mail here until the old MX is forgotten"),
        help_text=_(
            "For up to %(time)s some servers still bring mail here. Ticked, it goes into the mailboxes here "
            "(Email Routing: Local), and you choose Remote afterwards. Not ticked, it is put "
            "off, and its senders’ next try goes to the new servers."
        )
        % {"time": lasts},
        required=False,
    )


def _field(ask: Ask, start: str) -> forms.Field:
    if ask.choices:
        return forms.ChoiceField(label=ask.label, help_text=ask.hint, choices=ask.choices, initial=start)
    widget: forms.Widget = forms.TextInput(attrs=PLAIN)
    if ask.makes == "TXT":
        widget = forms.Textarea(attrs=PLAIN | {"rows": 3})
    return forms.CharField(
        label=ask.label,
        help_text=ask.hint,
        required=ask.required,
        initial=start,
        max_length=8000,
        widget=widget,
    )


def _try(ask: Ask, owner: str, typed: str, zone: str) -> None:
    if ask.name == "selector":
        names.owner(f"{typed}._domainkey", zone)
    elif ask.makes == "CNAME":
        names.host(presets.value_of(ask, typed), zone, ask.name, alias=True)
    elif ask.makes:
        spec = RecordSpec(owner=owner, type=ask.makes, rdata=presets.value_of(ask, typed))
        changeset.canonical_row(spec, zone)
    elif not ask.choices:
        names.host(f"{typed.removesuffix('.')}.", zone, ask.name)


class TargetForm(forms.Form):
    """Where mail shall go. ``hosts``: one a line, in the order in which they are tried."""

    to = forms.ChoiceField(label=__("Where shall mail go?"), widget=forms.RadioSelect)
    hosts = forms.CharField(
        label=__("Mail servers"),
        help_text=__(
            "One host name a line; the first is tried first. For “other servers”, or when the provider shows "
            "you names of its own, as Microsoft 365 and Zoho do."
        ),
        required=False,
        max_length=2600,
        widget=forms.Textarea(attrs=PLAIN | {"rows": 3}),
    )

    def __init__(self, data: Any = None, *, zone: str) -> None:
        self.zone = zone
        super().__init__(data)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type alone
        field.choices = [(slug, preset.title) for slug, preset in PRESETS.items()] + [
            (OTHER, __("Other servers, named below"))
        ]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        typed = str(data.get("hosts") or "").split()
        data["hosts"] = []
        if len(typed) > HOSTS_MAX or (data.get("to") == OTHER and not typed):
            self.add_error("hosts", _("Write one to %(max)d host names, one a line.") % {"max": HOSTS_MAX})
        try:
            data["hosts"] = [self._host(line) for line in typed[:HOSTS_MAX]]
        except Refused as refused:
            self.add_error("hosts", refused.message)
        return data

    def _host(self, typed: str) -> str:
        if names.is_address(typed):
            raise Refused(_("Write a host name, not an address: %(typed)s.") % {"typed": typed[:50]})
        return names.host(typed, self.zone, "hosts")


OTHER = "other"
