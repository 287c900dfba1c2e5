"""Every change of a zone."""

from dnszone.services.changes import managed_records_set, zone_apply
from dnszone.services.drafts import (
    draft_apply,
    draft_change,
    draft_discard,
    draft_drop,
    draft_rebase,
    draft_replace_item,
    draft_towards,
)
from dnszone.services.edits import draft_edit
from dnszone.services.store import Note
from dnszone.services.versions import version_restore, version_undo
from dnszone.services.zones import (
    provider_zone_ensure,
    serial_raise,
    zone_create,
    zone_delete,
    zone_on_refused,
    zone_push,
)
from dnszone.spec import Change, RecordSpec

__all__ = [
    "Change",
    "Note",
    "RecordSpec",
    "draft_apply",
    "draft_change",
    "draft_discard",
    "draft_drop",
    "draft_edit",
    "draft_rebase",
    "draft_replace_item",
    "draft_towards",
    "managed_records_set",
    "provider_zone_ensure",
    "serial_raise",
    "version_restore",
    "version_undo",
    "zone_apply",
    "zone_create",
    "zone_delete",
    "zone_on_refused",
    "zone_push",
]
