"""The history as people see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from mailboxes.models import CleanUp, DomainStorageDay, Mailbox, MailDomain, StorageDay
from mailboxes.services.usage import today

SHOWN = dt.timedelta(days=90)
WIDTH, HEIGHT = 720, 120
BYTES_PER_MB = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day of a chart, in its units. ``mb``: what was used."""

    day: dt.date
    mb: float
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """``most``: what its height stands for, in MB; ``limit``: where the quota's line is, None above it."""

    bars: list[Bar]
    most: float
    limit: float | None
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def newest_first(self) -> list[Bar]:
        return self.bars[::-1]


def mailbox_chart(mailbox: Mailbox) -> Chart:
    rows = StorageDay.objects.filter(mailbox=mailbox, day__gt=today() - SHOWN).order_by("day")
    return chart(list(rows.values_list("day", "used_bytes")), mailbox.quota_mb)


def domain_chart(mail_domain: MailDomain) -> Chart:
    rows = DomainStorageDay.objects.filter(mail_domain=mail_domain, day__gt=today() - SHOWN).order_by("day")
    return chart(list(rows.values_list("day", "used_bytes")), None)


def chart(days: Sequence[tuple[dt.date, int]], quota_mb: int | None) -> Chart:
    """From SHOWN ago until today, a bar for each day that was measured. The quota is shown unless it is so
    far above that nothing else could be seen."""
    if not days:
        return Chart(bars=[], most=0.0, limit=None)
    highest = max(used for _day, used in days) / BYTES_PER_MB
    shows = quota_mb is not None and quota_mb <= max(highest, 0.01) * 4
    most = max(highest, float(quota_mb or 0) if shows else 0.0, 0.01) * 1.05
    first = today() - SHOWN + dt.timedelta(days=1)
    step = WIDTH / SHOWN.days
    bars = []
    for day, used in days:
        mb = used / BYTES_PER_MB
        height = max(round(mb / most * HEIGHT, 1), 1.0 if used else 0.0)
        x = round((day - first).days * step, 1)
        bars.append(Bar(day=day, mb=mb, x=x, y=HEIGHT - height, width=round(step - 1.5, 1), height=height))
    limit = round(HEIGHT - (quota_mb or 0) / most * HEIGHT, 1) if shows else None
    return Chart(bars=bars, most=most, limit=limit)


def fullest(mail_domain: MailDomain, most: int = 20) -> list[Mailbox]:
    """By what they hold."""
    rows = Mailbox.objects.present().filter(mail_domain=mail_domain, used_mb__gt=0)
    return list(rows.order_by("-used_mb", "address")[:most])


def clean_up_last(mailbox: Mailbox) -> CleanUp | None:
    found: CleanUp | None = (
        CleanUp.objects.filter(mailbox=mailbox).select_related("job__mailbox").order_by("-created_at").first()
    )
    return found
