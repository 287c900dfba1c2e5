"""The typed forms of the Zone Editor: one per record type, from rdata.TYPES."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dnszone import names, rdata, values
from dnszone.changeset import TTL_MAX, Stale
from dnszone.models import SERIAL_MAX, Record, Zone
from dnszone.selectors import MxRow
from dnszone.spec import DEFAULT_TTL, Change, RecordSpec
from lib.errors import Refused

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class ZoneForm(forms.Form):
    """``base_serial``: the zone that the person saw when the page was opened."""

    base_serial = forms.IntegerField(
        min_value=0, max_value=SERIAL_MAX, required=False, widget=forms.HiddenInput
    )

    def refuse(self, refused: Refused) -> None:
        """Show a service's answer at its field, or on top. After Stale, saving again is meant."""
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)
        if isinstance(refused, Stale):
            self.data = {**{key: self.data[key] for key in self.data}, "base_serial": str(refused.serial)}


class RecordForm(ZoneForm):
    """Adds a record of ``kind`` to ``zone``, or edits ``record``."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        zone: Zone,
        kind: rdata.RecordType,
        record: Record | None = None,
    ) -> None:
        self.zone, self.kind, self.record = zone, kind, record
        super().__init__(data, initial=self._initial())
        own = {field.name: _typed_field(field) for field in kind.fields}
        owner = {"owner": _owner_field(kind, zone)}
        ttl = {"ttl": _ttl_field()}
        # MX is nearly always for the domain itself: what matters comes first.
        self.fields.update({**own, **owner, **ttl} if kind.name == "MX" else {**owner, **own, **ttl})

    def _initial(self) -> dict[str, Any]:
        start: dict[str, Any] = {"base_serial": self.zone.serial, "ttl": DEFAULT_TTL}
        if self.record is None:
            return start | {field.name: field.initial for field in self.kind.fields if field.initial}
        owner = "" if self.record.owner == names.APEX else names.shown(self.record.owner)
        return (
            start
            | {"owner": owner, "ttl": self.record.ttl}
            | rdata.split(self.record.type, self.record.rdata)
        )

    def clean(self) -> dict[str, Any]:
        """Every wrong field gets its error at once, not the first one alone."""
        data = self.cleaned_data
        checks = {field.name: field.clean for field in self.kind.fields}
        checks["owner"] = names.owner
        checks["ttl"] = lambda text, _zone: str(values.number(text, TTL_MAX, "ttl"))
        for name, check in checks.items():
            if name in data:
                self._try(name, lambda check=check, name=name: check(data[name], self.zone.name))
        if not self.errors:
            self._try("", self.change)
        return data

    def _try(self, field: str, action: Any) -> None:
        try:
            action()
        except Refused as refused:
            self.refuse(Refused(refused.message, field or refused.field))

    def change(self) -> Change:
        """After is_valid(): what to hand to zone_apply."""
        typed = {field.name: self.cleaned_data[field.name] for field in self.kind.fields}
        spec = RecordSpec(
            owner=self.cleaned_data["owner"],
            type=self.kind.name,
            rdata=rdata.compose(self.kind.name, typed, self.zone.name),
            ttl=int(self.cleaned_data["ttl"]),
        )
        return Change(record=self.record.pk if self.record else None, spec=spec)


def _typed_field(field: rdata.Field) -> forms.Field:
    widget: forms.Widget
    if field.kind == "number":
        widget = forms.TextInput(attrs=_PLAIN | {"class": "num", "inputmode": "numeric"})
    elif field.kind == "long":
        widget = forms.Textarea(attrs=_PLAIN | {"class": "mono", "rows": 4})
    else:
        widget = forms.TextInput(attrs=_PLAIN | {"class": "mono"})
    return forms.CharField(label=field.label, help_text=field.hint, widget=widget)


def _owner_field(kind: rdata.RecordType, zone: Zone) -> forms.Field:
    needed = kind.name in {"CNAME", "NS", "SRV"}
    hints = {
        "SRV": _("Service and protocol, such as _imaps._tcp."),
        "NS": _("The subdomain, such as shop."),
        "CNAME": _("Such as www."),
    }
    return forms.CharField(
        label=_("Name"),
        required=needed,
        help_text=hints.get(kind.name, _("Empty for the domain itself, or a name below it such as www.")),
        widget=forms.TextInput(attrs=_PLAIN | {"class": "mono"}),
    )


def _ttl_field() -> forms.Field:
    return forms.CharField(
        label=_("TTL"),
        help_text=_("Seconds that others may keep the answer: 300 is 5 minutes, 3600 an hour, 86400 a day."),
        widget=forms.TextInput(attrs=_PLAIN | {"class": "num", "inputmode": "numeric"}),
    )


class MxForm(ZoneForm):
    """The priorities of all MX records of the domain, saved as one set."""

    def __init__(self, data: QueryDict | None = None, *, zone: Zone, rows: Sequence[MxRow]) -> None:
        self.rows = rows
        super().__init__(data, initial={"base_serial": zone.serial})
        for row in rows:
            self.fields[self.name(row)] = forms.CharField(
                label=_("Priority of %(target)s") % {"target": names.shown(row.target)},
                initial=row.priority,
                widget=forms.TextInput(attrs=_PLAIN | {"class": "num", "inputmode": "numeric"}),
            )

    @staticmethod
    def name(row: MxRow) -> str:
        return f"priority-{row.record.pk}"

    def lines(self) -> list[tuple[MxRow, forms.BoundField]]:
        return [(row, self[self.name(row)]) for row in self.rows]

    def clean(self) -> dict[str, Any]:
        for row in self.rows:
            name = self.name(row)
            if name in self.cleaned_data:
                try:
                    values.number(self.cleaned_data[name], 65535, name)
                except Refused as refused:
                    self.refuse(refused)
        return self.cleaned_data

    def changes(self) -> list[Change]:
        """After is_valid(): only the records whose priority is another one now."""
        return [
            Change(
                record=row.record.pk,
                spec=RecordSpec(
                    owner=row.record.owner,
                    type="MX",
                    rdata=f"{self.cleaned_data[self.name(row)].strip()} {row.target}",
                    ttl=row.record.ttl,
                ),
            )
            for row in self.rows
            if self.cleaned_data[self.name(row)].strip() != str(row.priority)
        ]
