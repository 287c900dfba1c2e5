"""The filter of the lines that nobody understood. What is wrong is said at its field and left out; the rest
still filters."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from delivery.logs import LEAST, UnparsedQuery
from delivery.selectors import Key
from provision.models import Node

YEARS = (2020, 2088)  # what lib.timekey can tell apart


class UnparsedForm(forms.Form):
    q = forms.CharField(
        label=_("Part of the line"),
        required=False,
        max_length=200,
        min_length=LEAST,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    node = forms.ModelChoiceField(
        label=_("Node"), required=False, queryset=Node.objects.none(), empty_label=_("Any node")
    )
    day = forms.DateField(
        label=_("Day (UTC)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    each = forms.BooleanField(label=_("Line by line"), required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["node"].queryset = Node.objects.order_by("name")  # type: ignore[attr-defined]  # a ModelChoiceField has it

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day is not None and not YEARS[0] <= day.year <= YEARS[1]:
            raise forms.ValidationError(_("There are no lines of that year. Choose another day."))
        return day

    def query(self) -> UnparsedQuery:
        """Of what is in order."""
        self.is_valid()
        node = self.cleaned_data.get("node")
        return UnparsedQuery(
            q=self.cleaned_data.get("q", ""),
            node=node.pk if node else None,
            day=self.cleaned_data.get("day"),
            shape=self._text("shape"),
            before=Key.parse(self._text("before")),
        )

    def address(self, **more: object) -> str:
        """The page's address with this filter; ``more``: a shape, or before which line."""
        asked: dict[str, object] = {
            name: self._text(name) for name in ("q", "node", "day", "each", "shape") if self._text(name)
        }
        return f"?{urlencode(asked | more)}"

    def _text(self, name: str) -> str:
        return str(self.data.get(name, "")).replace("\0", "")[:200]
