"""Several records of a draft changed in one go, those that are in the draft alone among them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from dnszone.models import Zone
from dnszone.services.drafts import draft_change, draft_replace_item
from dnszone.spec import Change, RecordSpec


@transaction.atomic
def draft_edit(
    *,
    actor: User,
    zone: Zone,
    records: Mapping[int, RecordSpec],
    items: Mapping[int, RecordSpec],
    base_serial: int | None = None,
) -> None:
    """``records``: key of a record → how it shall be; ``items``: id of an item of the draft → the same. All
    or none; Refused and Stale as draft_change and draft_replace_item say."""
    changes = [Change(record=pk, spec=spec) for pk, spec in records.items()]
    if changes:
        draft_change(actor=actor, zone=zone, changes=changes, base_serial=base_serial)
    for item, spec in items.items():
        draft_replace_item(actor=actor, zone=zone, item=item, spec=spec, base_serial=base_serial)
