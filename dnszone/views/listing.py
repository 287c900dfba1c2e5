"""What stands around a list of records: its filters, the addresses of its orders and pages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from dnszone import rdata
from dnszone.models import Zone
from dnszone.selectors import Kept, RecordsPage, records_page

_COLUMNS = [
    ("name", __("Name"), "w20"),
    ("type", __("Type"), ""),
    ("value", __("Value"), ""),
    ("ttl", __("TTL"), "n"),
]
_ORDERS = [
    ("", __("By name")),
    ("-name", __("By name, last first")),
    ("type", __("By type")),
    ("value", __("By value")),
    ("ttl", __("Shortest TTL first")),
    ("-ttl", __("Longest TTL first")),
]


def asked(request: HttpRequest) -> dict[str, str]:
    return {key: request.GET.get(key, "") for key in ("q", "type", "kept", "sort", "after", "before")}


def is_search(query: dict[str, str]) -> bool:
    """Then every record that matches is listed, and nothing is folded."""
    return bool(query["q"] or query["type"] or query["kept"])


def listing(zone: Zone, query: dict[str, str], without: Collection[str] = ()) -> RecordsPage:
    """The page of records that answers it. ``without``: keys of LABELS that the page folds."""
    return records_page(
        zone,
        search=query["q"],
        kind=query["type"],
        kept=query["kept"],
        sort=query["sort"],
        after=query["after"],
        before=query["before"],
        without=without,
    )


def listing_context(query: dict[str, str], page: RecordsPage, folded: int = 0) -> dict[str, Any]:
    """The records with their addresses: to sort by each column, and to the pages before and after.
    ``folded``: how many stand in a group of their own."""
    kept = {key: query[key] for key in ("q", "type", "kept", "sort") if query[key]}
    now, down = query["sort"].removeprefix("-") or "name", query["sort"].startswith("-")
    columns = [
        {
            "label": label,
            "css": css,
            "url": "?" + urlencode(kept | {"sort": f"-{key}" if key == now and not down else key}),
            "direction": ("descending" if down else "ascending") if key == now else "",
        }
        for key, label, css in _COLUMNS
    ]
    total, here = page.total + folded, len(page.records) + folded
    count = ngettext("%(n)d record", "%(n)d records", total) % {"n": total}
    shown = _("%(some)d of %(all)s") % {"some": here, "all": count}
    return {
        "query": query,
        "page": page,
        "columns": columns,
        "orders": _ORDERS,
        "kinds": list(rdata.TYPES),
        "keepers": Kept.choices,
        "previous_url": "?" + urlencode(kept | {"before": page.previous}) if page.previous else "",
        "next_url": "?" + urlencode(kept | {"after": page.next}) if page.next else "",
        "count_text": shown if here < total else count if total else "",
    }
