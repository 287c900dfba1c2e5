"""What every form about a zone has, and the fields for a TTL."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from dnszone import ttls
from dnszone.changeset import Stale
from dnszone.models import SERIAL_MAX
from lib.errors import Refused

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
OTHER = "other"


class ZoneForm(forms.Form):
    """``base_serial``: the zone that the person saw when the page was opened."""

    base_serial = forms.IntegerField(
        min_value=0, max_value=SERIAL_MAX, required=False, widget=forms.HiddenInput
    )

    def refuse(self, refused: Refused) -> None:
        """Show a service's answer at its field, or on top. After Stale, saving again is meant."""
        self.add_error(self.field_for(refused.field), refused.message)
        if isinstance(refused, Stale):
            self.data = {**{key: self.data[key] for key in self.data}, "base_serial": str(refused.serial)}

    def field_for(self, name: str) -> str | None:
        return name if name in self.fields else None


def ttl_fields(now: int) -> dict[str, forms.Field]:
    """A list of usual TTLs, and a field for all others. ``now`` in seconds: chosen at first."""
    choices = [*ttls.choices(now), (OTHER, _("Another number of seconds"))]
    return {
        "ttl": forms.CharField(
            label=__("TTL"),
            help_text=__("How long others may keep the answer before they ask again."),
            initial=str(now),
            widget=forms.Select(choices=choices, attrs={"data-ttl": "ttl_other"}),
        ),
        "ttl_other": forms.CharField(
            label=__("TTL in seconds"),
            help_text=__("Only for “Another number of seconds”, such as 7200."),
            required=False,
            widget=forms.TextInput(attrs=PLAIN | {"class": "num", "inputmode": "numeric"}),
        ),
    }


def chosen_ttl(form: forms.Form) -> int | None:
    """For a form's clean(): the TTL in seconds; None after an error at its field."""
    data: dict[str, Any] = form.cleaned_data
    if "ttl" not in data or "ttl_other" not in data:
        return None
    choice, typed = data["ttl"], data["ttl_other"].strip()
    try:
        if choice == OTHER:
            return ttls.seconds(typed, "ttl_other")
        if typed and typed != choice:
            raise Refused(
                _("Choose “Another number of seconds” above if you want this, or leave it empty."),
                "ttl_other",
            )
        return ttls.seconds(choice)
    except Refused as refused:
        form.add_error(refused.field, refused.message)
        return None
