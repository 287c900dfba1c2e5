"""The last change of a domain's settings, as pages show it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Domain
from guides.changed.values import Line, advice, lines, old_works, why
from guides.models import Change

SHOWN = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    at: dt.datetime
    lines: list[Line]
    why: str
    works: bool
    advice: str


def last_change(domain: Domain) -> Shown | None:
    """One query."""
    rows = Change.objects.filter(domain=domain, at__gt=timezone.now() - SHOWN)
    change: Change | None = rows.order_by("-at").first()
    if change is None or not hasattr(domain, "mail"):
        return None
    node = domain.mail.node
    works = old_works(change.before, change.after, node_host=node.host, node_ports=node.ports)
    return Shown(
        at=change.at,
        lines=lines(change.before, change.after),
        why=why(change.before, change.after),
        works=works,
        advice=advice(change.before, change.after, works=works),
    )
