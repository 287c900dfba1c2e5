"""The typed form of each record type, from rdata.TYPES, and the raw one for who knows zone files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dnszone import names, rdata
from dnszone.changeset import COMMENT_MAX
from dnszone.forms.base import PLAIN, ZoneForm, chosen_ttl, ttl_fields
from dnszone.models import Zone
from dnszone.spec import DEFAULT_TTL, RecordSpec, Row
from lib.errors import Refused

RAW = "rdata"
_NEEDS_A_NAME = {"CNAME", "NS", "DS", "SRV", "TLSA"}
_HINTS = {
    "SRV": _("Service and protocol, such as _imaps._tcp."),
    "TLSA": _("Port and protocol, then the server, such as _25._tcp.mail."),
    "NS": _("The subdomain, such as shop."),
    "DS": _("The subdomain that is signed, such as shop."),
    "CNAME": _("Such as www."),
    "PTR": _("The part of the reversed address that stands before this zone, such as 10."),
}


class RecordForm(ZoneForm):
    """A record of ``kind`` in ``zone``. ``start``: one to edit or to copy. ``raw``: the value as a zone file
    has it. ``data``: what was posted, perhaps from the other of the two kinds (see ``switched``)."""

    def __init__(
        self,
        data: QueryDict | Mapping[str, Any] | None = None,
        *,
        zone: Zone,
        kind: rdata.RecordType,
        start: Row | None = None,
        raw: bool = False,
    ) -> None:
        self.zone, self.kind, self.start, self.raw = zone, kind, start, raw
        super().__init__(data, initial=self._initial())
        own = {RAW: _raw_field()} if raw else {field.name: _typed_field(field) for field in kind.fields}
        owner = {"owner": _owner_field(kind)}
        rest = ttl_fields(start.ttl if start else DEFAULT_TTL) | {"comment": _comment_field()}
        # MX is nearly always for the domain itself: what matters comes first.
        self.fields.update({**own, **owner, **rest} if kind.name == "MX" else {**owner, **own, **rest})

    def _initial(self) -> dict[str, Any]:
        begin: dict[str, Any] = {"base_serial": self.zone.serial}
        row = self.start
        if row is None:
            return begin | {field.name: field.initial for field in self.kind.fields if field.initial}
        owner = "" if row.owner == names.APEX else names.shown(row.owner)
        value = {RAW: row.rdata} if self.raw else rdata.split(row.type, row.rdata)
        return begin | value | {"owner": owner, "comment": row.comment}

    def clean(self) -> dict[str, Any]:
        """Every wrong field gets its error at once, not the first one alone."""
        data = self.cleaned_data
        checks: dict[str, Callable[[str, str], Any]] = {"owner": names.owner}
        if not self.raw:
            checks |= {field.name: field.clean for field in self.kind.fields}
        for name, check in checks.items():
            if name in data:
                self._try(name, partial(check, data[name], self.zone.name))
        self.seconds = chosen_ttl(self)
        if not self.errors:
            self._try("", self.spec)
        return data

    def _try(self, field: str, action: Callable[[], Any]) -> None:
        try:
            action()
        except Refused as refused:
            self.refuse(Refused(refused.message, field or refused.field))

    def field_for(self, name: str) -> str | None:
        if self.raw and any(name == field.name for field in self.kind.fields):
            return RAW
        return super().field_for(name)

    def spec(self) -> RecordSpec:
        """After is_valid(): the record as wanted, its value canonical."""
        data, kind = self.cleaned_data, self.kind.name
        typed = {field.name: data.get(field.name, "") for field in self.kind.fields}
        return RecordSpec(
            owner=data["owner"],
            type=kind,
            rdata=rdata.canonical(kind, data[RAW], self.zone.name)
            if self.raw
            else rdata.compose(kind, typed, self.zone.name),
            ttl=self.seconds or 0,
            comment=data["comment"],
        )

    def switched(self) -> RecordForm:
        """The other kind of form with what was typed in this one, as far as it can be read."""
        typed = {name: str(self.data.get(name, "")) for name in self.fields}
        value = self._as_typed(typed[RAW]) if self.raw else {RAW: self._as_raw(typed)}
        kept = {name: typed[name] for name in ("base_serial", "owner", "ttl", "ttl_other", "comment")}
        other = RecordForm(zone=self.zone, kind=self.kind, start=self.start, raw=not self.raw)
        other.initial.update(value | kept)
        return other

    def _as_raw(self, typed: Mapping[str, str]) -> str:
        try:
            return rdata.compose(self.kind.name, typed, self.zone.name)
        except Refused:
            return " ".join(filter(None, (typed[field.name].strip() for field in self.kind.fields)))

    def _as_typed(self, text: str) -> dict[str, str]:
        kind = self.kind
        try:
            return rdata.split(kind.name, rdata.canonical(kind.name, text, self.zone.name))
        except Refused:
            parts = text.split(None, len(kind.fields) - 1)
            return dict(zip((field.name for field in kind.fields), parts, strict=False))


def _typed_field(field: rdata.Field) -> forms.Field:
    widget: forms.Widget
    if field.kind == "choice":
        widget = forms.Select(choices=list(field.choices))
    elif field.kind == "number":
        widget = forms.TextInput(attrs=PLAIN | {"class": "num", "inputmode": "numeric"})
    elif field.kind == "long":
        widget = forms.Textarea(attrs=PLAIN | {"class": "mono", "rows": 4})
    else:
        widget = forms.TextInput(attrs=PLAIN | {"class": "mono"})
    return forms.CharField(
        label=field.label, help_text=field.hint, widget=widget, required=not field.optional
    )


def _raw_field() -> forms.Field:
    return forms.CharField(
        label=_("Value as in a zone file"),
        help_text=_("All its parts in one line. A name that ends in a dot is taken as it is."),
        widget=forms.Textarea(attrs=PLAIN | {"class": "mono", "rows": 3}),
    )


def _owner_field(kind: rdata.RecordType) -> forms.Field:
    return forms.CharField(
        label=_("Name"),
        required=kind.name in _NEEDS_A_NAME,
        help_text=_HINTS.get(kind.name, _("Empty for the domain itself, or a name below it such as www.")),
        widget=forms.TextInput(attrs=PLAIN | {"class": "mono"}),
    )


def _comment_field() -> forms.Field:
    return forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=COMMENT_MAX,
        help_text=_("Only you and your team see it, such as: for the web shop, ask Ana."),
    )
