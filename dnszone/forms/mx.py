"""The priorities of a domain's MX records, saved as one set."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dnszone import values
from dnszone.forms.base import PLAIN, ZoneForm
from dnszone.models import Zone
from dnszone.selectors import MxLine
from dnszone.selectors.pending import GONE
from dnszone.spec import RecordSpec
from lib.errors import Refused

TOP = 65535


class MxForm(ZoneForm):
    """``lines``: selectors.mx_lines. What goes has no field."""

    def __init__(
        self,
        data: QueryDict | Mapping[str, Any] | None = None,
        *,
        zone: Zone,
        lines: Sequence[MxLine],
    ) -> None:
        self.lines = lines
        super().__init__(data, initial={"base_serial": zone.serial})
        for line in self.staying():
            self.fields[self.name(line)] = forms.CharField(
                label=_("Priority of %(target)s") % {"target": line.shown},
                initial=line.priority,
                widget=forms.TextInput(attrs=PLAIN | {"class": "num", "inputmode": "numeric"}),
            )

    @staticmethod
    def name(line: MxLine) -> str:
        return f"priority-{line.key}"

    def staying(self) -> list[MxLine]:
        return [line for line in self.lines if line.state != GONE]

    def pairs(self, lines: Sequence[MxLine]) -> list[tuple[MxLine, forms.BoundField | None]]:
        """``lines``: the form's, as they are shown. Each with its field."""
        return [(line, self[self.name(line)] if line.state != GONE else None) for line in lines]

    def clean(self) -> dict[str, Any]:
        for line in self.staying():
            name = self.name(line)
            if name in self.cleaned_data:
                try:
                    values.number(self.cleaned_data[name], TOP, name)
                except Refused as refused:
                    self.refuse(refused)
        return self.cleaned_data

    def typed(self) -> dict[str, int]:
        """After is_valid(): key of each line → its priority."""
        return {line.key: int(self.cleaned_data[self.name(line)].strip()) for line in self.staying()}

    def rdatas(self) -> list[str]:
        """The MX records with the priorities as typed; a number that is none leaves the old one."""
        wrong = self.errors  # asking for them cleans
        good = self.cleaned_data if self.is_bound else {}
        numbers = {
            line.key: good[self.name(line)].strip()
            for line in self.staying()
            if self.name(line) in good and self.name(line) not in wrong
        }
        return [f"{numbers.get(line.key, line.priority)} {line.target}" for line in self.lines if line.counts]


def changed(lines: Sequence[MxLine], priorities: Mapping[str, int]) -> list[tuple[MxLine, RecordSpec]]:
    """Those of ``lines`` that get another priority, and what each becomes."""
    return [
        (line, dataclasses.replace(line.spec, rdata=f"{priorities[line.key]} {line.target}"))
        for line in lines
        if priorities.get(line.key, line.priority) != line.priority
    ]


def moved(order: Sequence[tuple[str, int]], key: str, step: int) -> dict[str, int]:
    """``order``: (key, priority) as senders try them. The same with ``key`` one place earlier (``step`` -1)
    or later (1): two neighbours swap their priorities; where these are equal, the one that moves gets a
    number of its own, and if there is no room for one, all are numbered anew in tens."""
    keys = [k for k, _priority in order]
    numbers = dict(order)
    here = keys.index(key) if key in keys else -1
    there = here + step
    if here < 0 or not 0 <= there < len(keys):
        return numbers
    if numbers[keys[here]] != numbers[keys[there]]:
        numbers[keys[here]], numbers[keys[there]] = numbers[keys[there]], numbers[keys[here]]
        return numbers
    beyond = there + step
    limit = numbers[keys[beyond]] if 0 <= beyond < len(keys) else numbers[key] + 20 * step
    between = (numbers[key] + max(0, min(limit, TOP))) // 2
    if between not in numbers.values():
        return numbers | {key: between}
    keys[here], keys[there] = keys[there], keys[here]
    return {k: (i + 1) * 10 for i, k in enumerate(keys)}
