"""From what is known of a domain to the words of its stations: state, proof, and where to go from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.suspension.inforce import InForce, in_force, suspension_of
from lib.dates import written
from lib.templatetags.ui import mb
from mailboxes.models import Mailbox
from panel.overview.drawing import Box, Mark, Office, Station
from panel.overview.facts import Facts, box_key, dkim_key, mail_key, zone_key
from panel.overview.routed import routed
from panel.probe import Answer
from provision import proofs
from provision.selectors import Status


def office(known: Facts) -> Office:
    """The whole post office of one domain."""
    boxes = _mailboxes(known)
    held = in_force(suspension_of(known.domain))
    return Office(
        mx=_mx(known) or [_no_mx(known)],
        incoming=_stops(held.no_receive, held, routed(getattr(known.domain, "mail", None), _incoming(known))),
        mailboxes=boxes,
        imap=_stops(
            held.no_sign_in, held, _collect(known, "imaps", _("IMAP"), _("For every device"), "laptop")
        ),
        pop3=_stops(
            held.no_sign_in, held, _collect(known, "pop3s", _("POP3"), _("For one computer"), "down2")
        ),
        outgoing=_stops(held.no_send or held.no_sign_in, held, _outgoing(known)),
        seal=_seal(known),
        rack=[_box(box, known.statuses) for box in known.rack],
        marks=_marks(known),
    )


def _stops(stopped: bool, held: InForce, station: Station) -> Station:
    """A server that works does not work for a domain that is kept from it."""
    if not stopped or station.mark.css != "ok":
        return station
    return replace(station, mark=Mark("wait", "pause", _("Suspended")), why=held.reason)


def mark(status: Status) -> Mark:
    """A push's state in the words that every badge uses."""
    nodes = ", ".join(status.nodes)
    return {
        "live": Mark("ok", "check", _("Live")),
        "moving": Mark("move", "go", _("On its way")),
        "failed": Mark("bad", "cross", _("Failed")),
        "away": Mark("wait", "clock", _("%(node)s is silent") % {"node": nodes}),
        "none": Mark("off", "dots", _("Not here")),
    }[status.state]


def _clock(unix: float) -> str:
    at = timezone.localtime(datetime.fromtimestamp(unix, tz=timezone.get_current_timezone()))
    return written(at, "H:i")


def _proof(status: Status) -> str:
    if status.error:
        return status.error
    if status.applied_at is None:
        return ""
    at = written(timezone.localtime(status.applied_at), "H:i")
    return _("%(proof)s, %(at)s") % {"proof": proofs.words(status.proof), "at": at} if status.proof else at


def _answered(known: Facts, service: str, status: Status | None = None) -> tuple[Mark, str]:
    """The state of a server: what the panel put there must be live, and its port must take connections."""
    if status is not None and status.state != "live":
        return mark(status), _proof(status)
    port = known.node.ports.get(service, "") if known.node else ""
    answer: Answer | None = known.ports.get(service)
    if answer is None:
        return Mark("off", "dots", _("Not here")), _("This server has no such port.")
    if answer.ok:
        return Mark("ok", "check", _("Live")), _("Answered on port %(port)s at %(at)s") % {
            "port": port,
            "at": _clock(answer.at),
        }
    words = {"port": port, "since": _clock(answer.since), "at": _clock(answer.at)}
    why = (
        _("Port %(port)s has not answered since %(since)s, last asked at %(at)s. Your provider can see why.")
        % words
    )
    return Mark("bad", "cross", _("No answer")), why


def _mx(known: Facts) -> list[Station]:
    zone = known.statuses[zone_key(known.domain)]
    return [_one_mx(known, zone, rank, priority, host) for rank, (priority, host) in enumerate(known.mx)]


def _one_mx(known: Facts, zone: Status, rank: int, priority: int, host: str) -> Station:
    ours = host in known.own_hosts
    here = known.node is not None and host == known.node.host
    if zone.state != "live":
        state, why = mark(zone), _proof(zone)
    elif here:
        state, why = _answered(known, "smtp")
    else:
        state = Mark("ok", "check", _("In DNS")) if ours else Mark("off", "globe", _("Elsewhere"))
        why = _("In the zone; that server is not ours, so nothing is measured") if not ours else _proof(zone)
    return Station(
        key=f"mx-{rank}",
        title=_("MX, priority %(n)d") % {"n": priority},
        host=host or _("none: takes no mail"),
        mark=state,
        why=why,
        note=_mx_note(known, priority),
        url=reverse("zone", args=[known.domain.name]),
        link=_("Zone Editor"),
        icon="route",
        status=zone,
        delivers_here=here,
    )


def _mx_note(known: Facts, priority: int) -> str:
    """Equal numbers share the mail, lowest first (RFC 5321 §5.1)."""
    first = known.mx[0][0]
    if priority > first:
        return _("If the others are away")
    return (
        _("Tried first")
        if [each for each, _host in known.mx].count(first) == 1
        else _("Shares the first place")
    )


def _no_mx(known: Facts) -> Station:
    return Station(
        key="mx-none",
        title=_("No MX record"),
        host="",
        mark=Mark("bad", "cross", _("Needs you")),
        why=_("Other servers cannot find where this domain’s mail goes. Add an MX record."),
        note=_("The world finds no way"),
        url=reverse("zone", args=[known.domain.name]),
        link=_("Zone Editor"),
        icon="route",
        asks=True,
        delivers_here=False,
    )


def _incoming(known: Facts) -> Station:
    state, why = _answered(known, "smtp", known.statuses[mail_key(known.domain)])
    today = known.today
    return Station(
        key="incoming",
        title=_("Incoming server"),
        host=known.node.host if known.node else "",
        mark=state,
        why=why,
        note=_("Checks, then delivers"),
        counts=(
            (_("Put into mailboxes"), today.get("received", 0)),
            (_("Turned away"), today.get("rejected", 0)),
            (_("Told to try later"), today.get("deferred", 0)),
        ),
        url=reverse("track", args=[known.domain.name]),
        link=_("Track Delivery"),
        icon="office",
        status=known.statuses[mail_key(known.domain)],
    )


def _marks(known: Facts) -> list[Mark]:
    """The mailboxes by state, what needs a person first; only what there is."""
    boxes = known.boxes
    needs = boxes.failed + boxes.full
    found = [
        (needs, Mark("bad", "cross", ngettext("%(n)d needs you", "%(n)d need you", needs) % {"n": needs})),
        (boxes.live, Mark("ok", "check", _("%(n)d live") % {"n": boxes.live})),
        (boxes.moving, Mark("move", "go", _("%(n)d on its way") % {"n": boxes.moving})),
        (boxes.suspended, Mark("wait", "pause", _("%(n)d suspended") % {"n": boxes.suspended})),
    ]
    return [each for number, each in found if number]


def _mailboxes(known: Facts) -> Station:
    boxes, marks = known.boxes, _marks(known)
    state = Mark("off", "dots", _("None yet"))
    if marks:
        state = Mark(marks[0].css, marks[0].icon, ", ".join(each.word for each in marks))
    return Station(
        key="mailboxes",
        title=ngettext("%(n)d mailbox", "%(n)d mailboxes", boxes.total) % {"n": boxes.total},
        host="",
        mark=state,
        note=_("%(size)s used") % {"size": mb(boxes.used_mb)} if boxes.total else "",
        why=_box_proof(known) if boxes.total else _("Make the first one, and mail can come."),
        url=reverse("mailboxes" if boxes.total else "mailbox-new", args=[known.domain.name]),
        link=_("Mailboxes") if boxes.total else _("New mailbox"),
        icon="box",
    )


def _box_proof(known: Facts) -> str:
    last = max(
        (found for box in known.rack if (found := known.statuses[box_key(box)]).applied_at),
        key=_applied,
        default=None,
    )
    return _proof(last) if last else ""


def _applied(status: Status) -> float:
    return status.applied_at.timestamp() if status.applied_at else 0.0


def _collect(known: Facts, service: str, title: str, note: str, icon: str) -> Station:
    state, why = _answered(known, service)
    port = known.node.ports.get(service, "") if known.node else ""
    return Station(
        key=service,
        title=title,
        host=f"{known.node.host}:{port}" if known.node else "",
        mark=state,
        why=why,
        note=note,
        url=reverse("connect", args=[known.domain.name]),
        link=_("Connect Devices"),
        icon=icon,
    )


def _outgoing(known: Facts) -> Station:
    state, why = _answered(known, "submissions", known.statuses[mail_key(known.domain)])
    sent = known.today.get("sent", 0)
    port = known.node.ports.get("submissions", "") if known.node else ""
    return Station(
        key="outgoing",
        title=_("Outgoing server"),
        host=f"{known.node.host}:{port}" if known.node else "",
        mark=state,
        why=why,
        note=_("%(n)d sent today") % {"n": sent},
        url=reverse("track", args=[known.domain.name]),
        link=_("Track Delivery"),
        icon="fwd",
    )


def _seal(known: Facts) -> Station:
    """DKIM counts once resolvers show the key and the node signs with it; SPF and DMARC are in the zone or
    not."""
    status = known.statuses[dkim_key(known.dkim, known.domain)]
    missing = [name for name, there in (("SPF", known.spf), ("DMARC", known.dmarc)) if not there]
    if known.dkim is None or known.dkim.seen_at is None:
        state, why = (
            Mark("move", "go", _("Key on its way")),
            _("Mail leaves unsigned until resolvers show the new key"),
        )
        if status.state == "failed":
            state, why = mark(status), _proof(status)
    elif status.state != "live":
        state, why = mark(status), _proof(status)
    elif missing:
        state = Mark("wait", "warn", _("%(what)s missing") % {"what": ", ".join(missing)})
        why = _("Mail is signed; other servers also look for %(what)s in the zone") % {
            "what": ", ".join(missing)
        }
    else:
        state, why = Mark("ok", "check", _("Signed")), _("DKIM seen in DNS, SPF and DMARC are in the zone")
    return Station(
        key="seal",
        title=_("Seal and sender"),
        host=f"{known.dkim.selector}._domainkey" if known.dkim else "",
        mark=state,
        why=why,
        note=_("DKIM, SPF, DMARC"),
        url=reverse("zone", args=[known.domain.name]),
        link=_("Zone Editor"),
        icon="seal",
        status=status,
    )


def _box(mailbox: Mailbox, statuses: Mapping[str, Status]) -> Box:
    state = statuses[box_key(mailbox)].state
    signs = {"failed": "bad", "moving": "move", "away": "move"}
    sign = signs.get(state, "wait" if mailbox.suspended_at else "")
    return Box(filled=mailbox.used_mb / mailbox.quota_mb, sign=sign)
