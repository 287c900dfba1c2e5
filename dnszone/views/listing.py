"""What stands around a list of records: its filters, the addresses of its orders and pages."""

from __future__ import annotations

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


def listing(request: HttpRequest, zone: Zone) -> tuple[dict[str, str], RecordsPage]:
    """What was asked for, and the page of records that answers it."""
    query = {key: request.GET.get(key, "") for key in ("q", "type", "kept", "sort", "after", "before")}
    page = records_page(
        zone,
        search=query["q"],
        kind=query["type"],
        kept=query["kept"],
        sort=query["sort"],
        after=query["after"],
        before=query["before"],
    )
    return query, page


def listing_context(query: dict[str, str], page: RecordsPage) -> dict[str, Any]:
    """The records with their addresses: to sort by each column, and to the pages before and after."""
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
    count = ngettext("%(n)d record", "%(n)d records", page.total) % {"n": page.total}
    shown = _("%(some)d of %(all)s") % {"some": len(page.records), "all": count}
    return {
        "query": query,
        "page": page,
        "columns": columns,
        "orders": _ORDERS,
        "kinds": list(rdata.TYPES),
        "keepers": Kept.choices,
        "previous_url": "?" + urlencode(kept | {"before": page.previous}) if page.previous else "",
        "next_url": "?" + urlencode(kept | {"after": page.next}) if page.next else "",
        "count_text": shown if len(page.records) < page.total else count if page.total else "",
    }
