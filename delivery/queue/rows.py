"""Rows of Mail Queue as its templates draw them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.explain import Text, explain
from delivery.statuses import Direction, Status
from provision.models import Node

RECIPIENTS = 3  # of one mail in the list
# Of each queue of Postfix's: css class, icon, word.
LOOKS: dict[str, tuple[str, str, Text]] = {
    "deferred": ("wait", "clock", gettext_lazy("Waiting")),
    "active": ("move", "go", gettext_lazy("Being tried")),
    "incoming": ("move", "go", gettext_lazy("Just come")),
    "maildrop": ("move", "go", gettext_lazy("Just come")),
    "hold": ("off", "pause", gettext_lazy("Held")),
}


@dataclass(frozen=True, slots=True)
class Waits:
    """What delivery.explain wants to know of a waiting mail (its Explained)."""

    reply: str
    direction: int
    status: int = int(Status.DEFERRED)
    dsn: str = ""
    cause: str = ""
    server: str = ""
    agent: str = ""
    sender: str | None = None
    delay: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """``pick``: its tick-box. ``to``: the first recipients; ``more``: how many besides. ``why``: in plain
    words, of the first that tells; ``answer``: as the other server said it. ``due``: the next try; None:
    being tried or held. ``late``: that time has come; ``soon``: its hour is enough. ``login``: who signed
    in to send it."""

    pick: str
    id: str
    node: Node
    sender: str
    to: list[str]
    more: int
    size: int
    at: datetime
    css: str
    icon: str
    state: Text
    held: bool
    why: Text
    answer: str
    due: datetime | None
    late: bool
    soon: bool
    tried: datetime | None
    login: str
    behalf: bool


def rows_of(mails: Iterable[tuple[Node, dict[str, Any]]], now: datetime) -> list[Row]:
    return [_row(node, mail, now) for node, mail in mails]


def why_of(answer: str, *, outgoing: bool) -> Text:
    """In plain words why it waits; "" when nothing is known. The one place that asks delivery.explain."""
    if not answer:
        return ""
    direction = Direction.OUT if outgoing else Direction.IN
    return explain(Waits(reply=answer, direction=int(direction))).why


def _row(node: Node, mail: dict[str, Any], now: datetime) -> Row:
    css, icon, state = LOOKS.get(mail["queue"], LOOKS["incoming"])
    to = [str(address) for address, _why in mail["recipients"][:RECIPIENTS]]
    answer = next((str(why) for _address, why in mail["recipients"] if why), "")
    due = _moment(mail.get("due"))
    login = str(mail.get("login") or "")
    return Row(
        pick=f"{node.pk}-{mail['id']}",
        id=str(mail["id"]),
        node=node,
        sender=str(mail["sender"]),
        to=to,
        more=int(mail["all"]) - len(to),
        size=int(mail["size"]),
        at=_moment(mail["at"]) or now,
        css=css,
        icon=icon,
        state=state,
        held=mail["queue"] == "hold",
        why=why_of(answer, outgoing=bool(login)),
        answer=answer,
        due=due,
        late=due is not None and due <= now,
        soon=due is not None and due - now < timedelta(hours=12),
        tried=_moment(mail.get("tried")),
        login=login if login.lower() != str(mail["sender"]).lower() else "",
        behalf=bool(mail.get("behalf")),
    )


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None


def age(seconds: float) -> str:
    """How long a mail waits: two units at most."""
    minutes = max(0, int(seconds) // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return _("%(d)s d %(h)s h") % {"d": days, "h": hours}
    if hours:
        return _("%(h)s h %(m)s min") % {"h": hours, "m": minutes % 60}
    return _("%(m)s min") % {"m": minutes} if minutes else _("under a minute")
