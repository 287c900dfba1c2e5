"""One message's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import Right, domain_or_404, domains_where, is_provider, require_somewhere
from accounts.models import Domain
from delivery import actions, journey, trail
from delivery.explain import explain
from delivery.folding.mail import Mail
from delivery.journey import End, Hop, Journey, Side
from delivery.models import Entry, Status
from delivery.views.rows import LOOKS, subject_of, writer_of

INBOX = "INBOX"
SPAM = frozenset({"Junk", "Quarantine"})
# What waits by itself is no alarm: red is for what a person must do.
CALM = {"ok": "ok", "move": "info", "wait": "info", "off": "info", "bad": "bad"}


@require_safe
def message(request: HttpRequest, pk: int, name: str | None = None) -> HttpResponse:
    if name is None:
        require_somewhere(request.user, Right.SETTINGS)
    domain = domain_or_404(request, name, Right.SETTINGS) if name is not None else None
    entries = Entry.objects.visible_to(request.user).defer("words")
    entries = entries.filter(domain_id=domain.pk) if domain else entries
    entry = get_object_or_404(entries, pk=pk)
    found = trail.trail_of(entry)
    hops = found[1] if found else []
    names = _names(request.user, domain, entry, (hop.mail for hop in hops))
    side = Side(everything=is_provider(request.user), domains=frozenset(names))
    context = {
        "domain": domain,
        "nav": "track",
        "parent": "domain_base.html" if domain else "base.html",
        "list_url": reverse("track", args=[domain.name]) if domain else reverse("track-all"),
        "names": names,
    }
    return message_page(request, entry, found, side, context)


def message_page(
    request: HttpRequest,
    entry: Entry,
    found: tuple[Hop, list[Hop]] | None,
    side: Side,
    frame: dict[str, Any],
) -> HttpResponse:
    """``found``: of delivery.trail; None: only the row is kept. ``frame``: parent, nav, list_url and names,
    those of the domains of ``side`` by id."""
    told = _told(side, entry, found)
    folder = next((end.folder for end in told.ends if end.current or _own(side, end)), "")
    outcome = explain(entry)
    if folder in SPAM:
        outcome = replace(outcome, action="unblock-sender")
    # Where an alias of the domain leads, and which led to him, is not for each of its mailboxes.
    covered = bool(side.login and entry.via and entry.address.lower() != side.login)
    css, icon = LOOKS[Status(entry.status)]
    start = found[0] if found else None
    context = frame | {
        "entry": entry,
        "hop": start,
        "sender": side.sent(start.mail) if start else bool(entry.login),
        "subject": subject_of(entry),
        "written": writer_of(entry),
        "outcome": outcome,
        "action": None if side.login else actions.action_of(request.user, entry, outcome),
        "to": entry.via if covered else entry.address,
        "via": "" if side.login else entry.via,
        "reply": "" if covered else entry.reply,
        "folder": "" if folder == INBOX else folder,
        "spam": folder in SPAM,
        "css": css,
        "icon": icon,
        "note": CALM[css],
        "journey": told,
        "ends": _ends(told.ends, frame["names"]),
        "alike": f"{frame['list_url']}?lead={entry.pk}" if entry.alike else "",
    }
    return render(request, "delivery/message.html", context)


def _own(side: Side, end: End) -> bool:
    """A mailbox's user sees no rows, but knows which end is the own one."""
    return bool(side.login and end.folder) and end.address.lower() == side.login


def _told(side: Side, entry: Entry, found: tuple[Hop, list[Hop]] | None) -> Journey:
    if found is None:
        return Journey()
    start, hops = found
    mails = [hop.mail for hop in hops if side.sent(hop.mail)]
    labels = actions.labels_of({mail.app for mail in mails if mail.app})
    return journey.tell(side, hops, start, entry.pk, labels, timezone.now())


def _names(user: Any, domain: Domain | None, entry: Entry, mails: Iterable[Mail]) -> dict[int, str]:
    """Of all domains that the mails concern, those whose mail this person may see. On the page of one domain
    it is that one."""
    if domain is not None:
        return {domain.pk: domain.name}
    keys: set[int | None] = {entry.domain_id}
    for mail in mails:
        keys |= {mail.out_domain_id}
        keys |= {key for one in mail.addressees[:400] for key in (one.domain_id, one.orig_domain_id)}
    known = [key for key in keys if key is not None]
    mine = domains_where(user, Right.SETTINGS).filter(pk__in=known)
    return dict(mine.values_list("pk", "name"))


def _ends(ends: list[End], names: dict[int, str]) -> list[tuple[End, str, str, str, str]]:
    """(end, its page or nothing, css, icon, word)."""
    if len(ends) < 2:
        return []
    made = []
    for end in ends:
        url = ""
        if end.row and not end.current:
            name = names.get(end.domain) if end.domain else None
            url = (
                reverse("track-message", args=[name, end.row])
                if name
                else reverse("track-all-message", args=[end.row])
            )
        made.append((end, url, *LOOKS[Status(end.status)], str(Status(end.status).label)))
    return made
