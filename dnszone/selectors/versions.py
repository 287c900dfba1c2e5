"""What a zone was, from what it is now and every change since."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dnszone import drafting
from dnszone.models import Zone, ZoneVersion
from dnszone.selectors.records import rows_of
from dnszone.spec import Row


def rows_at(zone: Zone, version: ZoneVersion | None) -> list[Row]:
    """The records after ``version`` (None: before the first that was kept), each with the key it has now, if
    it is still there."""
    rows = rows_of(zone)
    later = ZoneVersion.objects.filter(zone=zone)
    if version is not None:
        later = later.filter(pk__gt=version.pk)
    for gone, come in later.order_by("-pk").values_list("gone", "come").iterator():
        rows = drafting.undone(rows, gone, come)
    return rows


def version_title(version: ZoneVersion) -> str:
    """Its name in the history: what it was, or what it changed."""
    if version.title:
        return version.title
    kinds = sorted({entry[1] for entry in [*version.gone, *version.come]})
    return _("%(what)s (%(types)s)") % {
        "what": version.get_origin_display(),
        "types": ", ".join(kinds) or _("Email Routing"),
    }
