"""One TTL for many records."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from dnszone.forms.base import ZoneForm, chosen_ttl, ttl_fields
from dnszone.models import Zone


class TtlForm(ZoneForm):
    """``now``: the TTL that is chosen at first, in seconds. After is_valid(): ``seconds``."""

    def __init__(self, data: QueryDict | None = None, *, zone: Zone, now: int) -> None:
        super().__init__(data, initial={"base_serial": zone.serial})
        self.fields.update(ttl_fields(now))
        self.seconds = now

    def clean(self) -> dict[str, Any]:
        chosen = chosen_ttl(self)
        self.seconds = self.seconds if chosen is None else chosen
        return self.cleaned_data
