"""One message's journey as its page tells it: steps from log lines, and of the lines only what this side may
see. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from delivery import text
from delivery.folding.mail import Addressee, Mail, of_row
from delivery.models import Direction, Entry, Status
from delivery.wire import Line
from delivery.wire import field as field_of

_SESSION = re.compile(r"250 2\.0\.0 <.*> ([A-Za-z0-9+/=]{10,40})(:R\d+)? Saved\Z")
_TLS = re.compile(r"TLSv([\d.]+)\Z")


@dataclass(slots=True)
class Step:
    """``mark``: ok, wait, bad, move, off or todo; ``lines``: raw log lines, inert."""

    at: datetime | None
    title: str
    says: list[str] = field(default_factory=list)
    mark: str = "ok"
    icon: str = "check"
    lines: list[str] = field(default_factory=list)
    server: str = ""
    client: str = ""
    answer: str = ""


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def sessions(recipients: Iterable[Addressee]) -> list[str]:
    """Dovecot's session ids, which its answers to LMTP carry: they join its own log lines to the message."""
    found = []
    for one in recipients:
        if (match := _SESSION.match(one.reply)) is not None:
            found += [match[1], match[1] + (match[2] or "")]
    return sorted(set(found))


def visible(entry: Entry, events: Iterable[Line], mail: Mail, *, everything: bool) -> list[Line]:
    """What this side may read. The recipient's side learns nothing about other recipients nor how the sender
    signed in; the sender's side nothing about where an alias led."""
    if everything or entry.direction == Direction.INSIDE:
        return list(events)
    if entry.direction == Direction.OUT:
        behind = {
            one.address: one.orig_to
            for one in mail.addressees
            if one.orig_to and one.domain_id != entry.domain_id
        }
        return [_covered(event, behind) for event in events if event.kind != "stored"]
    one = of_row(mail, entry.pk)
    mine = {(one.address, one.orig_to)} if one else set()
    kinds = {"message-id", "removed", "expired"}
    return [event for event in events if event.kind in kinds or _is_mine(event, entry, mine)]


def _covered(event: Line, behind: dict[str, str]) -> Line:
    """The event without the address that an alias of somebody else leads to, and then without its line."""
    address = text.inert(field_of(event.data, "to"))
    if event.kind != "delivery" or address not in behind:
        return event
    written = behind[address]
    data = event.data | {"to": written, "text": field_of(event.data, "text", 4000).replace(address, written)}
    return event._replace(data=data, raw="")


def _is_mine(event: Line, entry: Entry, mine: set[tuple[str, str]]) -> bool:
    if event.kind == "client":
        return not event.data.get("sasl")
    if event.kind == "stored":
        return field_of(event.data, "user").partition("@")[2] == text.domain_of(entry.address)
    if event.kind == "delivery":
        return (text.inert(field_of(event.data, "to")), text.inert(field_of(event.data, "orig"))) in mine
    return event.kind == "reject" and text.inert(field_of(event.data, "to")) == entry.address


def steps(entry: Entry, events: Iterable[Line]) -> list[Step]:
    """Oldest first. Lines that make no step of their own are folded under the one before."""
    found: list[Step] = []
    for event in _in_order(events):
        maker = _MAKERS.get(event.kind)
        step = maker(event, found) if maker else None
        lines = [text.inert(event.raw)] if event.raw else []
        if step is not None:
            step.lines += lines
            found.append(step)
        elif found:
            found[-1].lines += lines
        else:
            found.append(Step(_moment(event.at), _("Accepted"), lines=lines))
    if entry.status == Status.DEFERRED:
        found.append(
            Step(
                None,
                _("Next try"),
                [_("The server tries again by itself, for up to five days, at growing intervals.")],
                "todo",
                "dots",
            )
        )
    if entry.status == Status.PROGRESS:
        found.append(Step(None, _("Delivery"), [_("The first try has not ended yet.")], "todo", "dots"))
    return found


def _in_order(events: Iterable[Line]) -> list[Line]:
    """Dovecot's log knows whole seconds only: what it stored comes just before Postfix says that it was
    delivered."""
    found = list(events)
    ordered = [event for event in found if event.kind != "stored"]
    for event in found:
        if event.kind != "stored":
            continue
        second = int(event.at)
        place = (
            at for at, other in enumerate(ordered) if other.kind == "delivery" and int(other.at) >= second
        )
        ordered.insert(next(place, len(ordered)), event)
    return ordered


def _client(event: Line, _before: list[Step]) -> Step:
    user, client = field_of(event.data, "sasl"), text.inert(field_of(event.data, "client"))
    version = _TLS.match(field_of(event.data, "tls"))
    says = [_("Signed in as %(user)s.") % {"user": text.inert(user)}] if user else []
    if version:
        says.append(_("Encrypted with TLS %(version)s.") % {"version": version[1]})
    return Step(_moment(event.at), _("Handed in"), says, client=client)


def _queued(event: Line, before: list[Step]) -> Step | None:
    if any(step.title == _("Accepted") for step in before):
        return None
    return Step(_moment(event.at), _("Accepted"), [_("The server has it and answers for it from here on.")])


def _rejected(event: Line, _before: list[Step]) -> Step:
    answer = " ".join(filter(None, (field_of(event.data, key, 2000) for key in ("code", "dsn", "text"))))
    client = text.inert(field_of(event.data, "client"))
    return Step(
        _moment(event.at), _("Turned away"), [], "off", "noentry", client=client, answer=text.inert(answer)
    )


def _delivery(event: Line, _before: list[Step]) -> Step:
    status = field_of(event.data, "status")
    relay, answer = text.inert(field_of(event.data, "relay")), text.inert(field_of(event.data, "text", 2000))
    server = "" if relay == "none" else relay
    to = text.inert(field_of(event.data, "to"))
    if status == "sent":
        local = "dovecot" in relay or field_of(event.data, "by") == "lmtp"
        title = _("Put into the mailbox") if local else _("Accepted by their server")
        return Step(_moment(event.at), title, [to], server=server, answer=answer)
    if status == "deferred":
        return Step(_moment(event.at), _("Not now"), [to], "wait", "clock", server=server, answer=answer)
    return Step(_moment(event.at), _("Not delivered"), [to], "bad", "cross", server=server, answer=answer)


def _stored(event: Line, _before: list[Step]) -> Step:
    action, what = field_of(event.data, "action"), text.inert(field_of(event.data, "what"))
    if action == "save failed to":
        return Step(_moment(event.at), _("Could not be stored"), [what], "bad", "cross")
    if action.startswith("redirect"):
        return Step(_moment(event.at), _("Forwarded by a filter"), [what])
    if action.startswith("vacation"):
        return Step(_moment(event.at), _("Autoresponder answered"), [what])
    return Step(_moment(event.at), _("Stored in a folder"), [_("Folder: %(name)s") % {"name": what}])


def _bounce(event: Line, _before: list[Step]) -> Step:
    return Step(
        _moment(event.at),
        _("The sender was told"),
        [_("A notice with the reason was written to the sender.")],
        "off",
        "info",
    )


def _expired(event: Line, _before: list[Step]) -> Step:
    return Step(_moment(event.at), _("Given up"), [_("It could not be delivered in time.")], "bad", "cross")


_MAKERS = {
    "client": _client,
    "queued": _queued,
    "reject": _rejected,
    "delivery": _delivery,
    "stored": _stored,
    "bounce": _bounce,
    "expired": _expired,
}
