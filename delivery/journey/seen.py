"""Of a message's log lines what one side may read: a line that says more comes without its text, or not at
all. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from delivery import text
from delivery.folding.mail import Addressee, Mail
from delivery.folding.sides import of_sender
from delivery.journey.side import Known, Side, by_written, written
from delivery.statuses import Status
from delivery.wire import Line
from delivery.wire import field as field_of

# What says nothing of other addressees, nor of who handed it in.
HARMLESS = frozenset({"message-id", "removed", "expired"})
_RANK = {
    "client": 0, "reject": 1, "subject": 1, "header": 1, "message-id": 1, "verdict": 2, "hold": 2,
    "queued": 3, "delivery": 5, "bounce": 6, "expired": 6, "removed": 9,
}  # fmt: skip
_STATUS = {Status.DELIVERED: "sent", Status.DEFERRED: "deferred", Status.FAILED: "bounced"}


@dataclass(slots=True)
class Seen:
    """A line as this side reads it: ``line.raw`` is empty when it may not read that. ``one``: whom it is
    about, ``known``: how much of that."""

    line: Line
    one: Addressee | None = None
    known: Known = Known.ALL


def seen_of(side: Side, mail: Mail, lines: Iterable[Line]) -> list[Seen]:
    """Oldest first. What the lines do not tell, being no longer kept or not for this side, is told from what
    was kept of them."""
    whole = side.whole(mail)
    found = [one for line in lines if (one := _seen(side, mail, line, whole=whole)) is not None]
    kinds = {one.line.kind for one in found}
    if "client" not in kinds and mail.started_at is not None:
        found.insert(0, Seen(_came(side, mail)))
    told = {id(one.one) for one in found if one.line.kind in {"delivery", "reject"}}
    leads = {id(one) for one in by_written(side, mail).values()}
    for addressee in mail.addressees:
        known = side.knows(mail, addressee)
        if not known or (known is Known.WRITTEN and id(addressee) not in leads):
            continue
        if id(addressee) not in told and addressee.status in _STATUS and not addressee.provisional:
            found.append(Seen(_ended(addressee, known), addressee, known))
    return sorted(found, key=_order)


def _order(seen: Seen) -> tuple[int, int]:
    """The logs tell whole seconds; within one, what must come first."""
    return int(seen.line.at), _RANK.get(seen.line.kind, 4)


def _seen(side: Side, mail: Mail, line: Line, *, whole: bool) -> Seen | None:
    if line.kind in {"delivery", "reject"}:
        return _of_one(side, mail, line)
    if line.kind == "bounce" and not whole:
        return Seen(line._replace(raw="")) if side.sent(mail) else None
    if line.kind == "verdict" and not whole:
        return Seen(line._replace(raw="", data=_scores(line.data)))
    if whole or line.kind in HARMLESS:
        return Seen(line)
    allowed = _PARTS.get(line.kind)
    return Seen(line) if allowed is not None and allowed(side, mail, line) else None


def _of_one(side: Side, mail: Mail, line: Line) -> Seen | None:
    one = _addressee(mail, line)
    known = side.knows(mail, one) if one is not None else Known.NOTHING
    if one is None:
        return Seen(line) if side.everything else None
    if known in {Known.NOTHING, Known.WRITTEN}:
        return None  # of where it leads on, only what became of it in the end (_ended)
    if line.kind == "reject" and mail.sasl_user and not side.sent(mail):
        hidden = ["client", "sasl", "app", "helo"]
        hidden += ["text"] if of_sender(mail, field_of(line.data, "text")) else []
        return Seen(line._replace(raw="", data=_without(line.data, *hidden)), one, known)
    if known is Known.ALL:
        return Seen(line, one, known)
    return Seen(line._replace(raw="", data=_covered(line.data, one, known)), one, known)


def _covered(data: dict[str, Any], one: Addressee, known: Known) -> dict[str, Any]:
    if known is Known.END:
        return _without(data, "orig")
    kept = {key: value for key, value in data.items() if key in {"status", "dsn", "delay"}}
    return kept | {"to": written(one)}


def _addressee(mail: Mail, line: Line) -> Addressee | None:
    to, orig = (text.inert(field_of(line.data, key))[:400] for key in ("to", "orig"))
    return next((one for one in mail.addressees if (one.address, one.orig_to) == (to, orig)), None)


def _without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in names}


def _scores(data: dict[str, Any]) -> dict[str, Any]:
    """By name alone: what a symbol was found by can be an address."""
    symbols = data.get("symbols")
    bare = [[*one[:2], ""] for one in symbols if isinstance(one, list)] if isinstance(symbols, list) else []
    return {key: data[key] for key in ("score", "required", "action") if key in data} | {"symbols": bare}


def _client(side: Side, mail: Mail, _line: Line) -> bool:
    return side.sent(mail) or (not mail.sasl_user and mail.service != "pickup")


def _sender(side: Side, mail: Mail, _line: Line) -> bool:
    return side.sent(mail)


def _subject(side: Side, mail: Mail, line: Line) -> bool:
    """Its line names the client, and one recipient."""
    to = text.inert(field_of(line.data, "to"))
    named = [one for one in mail.addressees if to in {one.address, one.orig_to}]
    mine = bool(named) and all(side.knows(mail, one) is Known.ALL for one in named)
    return side.sent(mail) or (mine and not mail.sasl_user and mail.service != "pickup")


_PARTS: dict[str, Callable[[Side, Mail, Line], bool]] = {
    "client": _client,
    "subject": _subject,
    "hold": _sender,
    "release": _sender,
    "requeue": _sender,
    "header": _sender,
}


def _came(side: Side, mail: Mail) -> Line:
    data: dict[str, Any] = {"service": mail.service}
    if side.sent(mail) or not mail.sasl_user:
        data |= {"client": mail.client, "tls": mail.tls}
    if side.sent(mail) and mail.sasl_user:
        data |= {"sasl": mail.sasl_user, "app": mail.app, "method": mail.method}
    return Line(0, mail.started_at or mail.at, "client", "", data, "")


def _ended(one: Addressee, known: Known) -> Line:
    data: dict[str, Any] = {
        "to": one.address,
        "orig": one.orig_to,
        "status": _STATUS[Status(one.status)],
        "dsn": one.dsn,
        "relay": one.relay,
        "text": one.reply,
        "by": one.agent,
        "tls": one.tls,
    }
    return Line(0, one.at, "delivery", "", data if known is Known.ALL else _covered(data, one, known), "")
