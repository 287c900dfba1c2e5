"""One box that finds mailboxes by a part of their address, domains, and clients by name: what the person
sees, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from accounts.access import Right, is_provider, may
from accounts.models import Account, Domain
from accounts.models.places import places_of
from lib import names
from lib.errors import Refused
from mailboxes.models import Mailbox

SHOWN = 20
MOST = 254
# An index of trigrams finds any part of an address from this many characters on; less is looked for at the
# beginning.
PART = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """``lead`` what is found, ``more`` whose it is. ``url`` empty: not for this person to open."""

    lead: str
    more: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """``next``: the mailboxes after these. ``begins``: so little was typed that it is looked for at the
    beginning of addresses only."""

    q: str
    mailboxes: list[Hit] = field(default_factory=list)
    domains: list[Hit] = field(default_factory=list)
    clients: list[Hit] = field(default_factory=list)
    next: str = ""
    more_domains: bool = False
    more_clients: bool = False
    begins: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.mailboxes or self.domains or self.clients)


def search(user: Any, given: Mapping[str, str]) -> Found:
    """Three queries at most: one with ``after`` (the domain and the address seen last), none for an empty
    box."""
    q = given.get("q", "").replace("\0", "").strip()[:MOST]
    after = given.get("after", "").replace("\0", "")[:MOST]
    if not q:
        return Found(q="")
    boxes = _mailboxes(user, q, after)
    domains = [] if after else _domains(user, q)
    clients = [] if after else _clients(user, q)
    following = ""
    if len(boxes) > SHOWN:
        last = boxes[SHOWN - 1]
        following = "?" + urlencode({"q": q, "after": f"{last.mail_domain_id} {last.address}"})
    return Found(
        q=q,
        mailboxes=[_box_hit(user, box) for box in boxes[:SHOWN]],
        domains=[_domain_hit(user, domain) for domain in domains[:SHOWN]],
        clients=[_client_hit(client) for client in clients[:SHOWN]],
        next=following,
        more_domains=len(domains) > SHOWN,
        more_clients=len(clients) > SHOWN,
        begins=len(q) < PART,
    )


def _mailboxes(user: Any, q: str, after: str) -> list[Any]:
    """Domain by domain: what many addresses share is met soon on that way, in the order of addresses alone it
    may all lie at the end (every javier behind 60,000 others)."""
    rows = Mailbox.objects.visible_to(user).present().defer("password_hash")
    asked = _address(q)
    whole = _whole_domain(user, asked)
    if whole:  # all of its addresses: by its own index, however many
        rows = rows.filter(mail_domain__domain=whole)
    elif len(q) < PART:
        rows = rows.filter(address__startswith=asked)
    else:
        rows = rows.filter(address__contains=asked)
    domain, _space, address = after.partition(" ")
    if domain.isascii() and domain.isdigit() and len(domain) < 19:
        further = Q(mail_domain__gt=int(domain)) | Q(address__gt=address)
        rows = rows.filter(further, mail_domain__gte=int(domain))
    rows = rows.select_related("mail_domain__domain__account").order_by("mail_domain", "address")
    return list(rows[: SHOWN + 1])


def _whole_domain(user: Any, asked: str) -> Domain | None:
    """The domain whose whole name was asked for, with or without the @."""
    name = asked.removeprefix("@")
    if "." not in name or "@" in name:
        return None
    found: Domain | None = Domain.objects.visible_to(user).filter(name=name).first()
    return found


def _address(q: str) -> str:
    """As addresses are kept: lower case, a whole domain after the @ in A-labels."""
    local, at, domain = q.lower().rpartition("@")
    if at and not domain.isascii():
        with suppress(Refused):  # half a name yet
            domain = names.normalise_domain(domain)[0]
    return f"{local}{at}{domain}"


def _domains(user: Any, q: str) -> list[Any]:
    part = q.lower().rpartition("@")[2]
    if not part:
        return []
    found = Domain.objects.visible_to(user).filter(Q(name__contains=part) | Q(display_name__contains=part))
    return list(found.select_related("account").order_by("name")[: SHOWN + 1])


def _clients(user: Any, q: str) -> list[Any]:
    """For those who have clients: a reseller's people, and the provider."""
    if not is_provider(user) and not places_of(user).resellers:
        return []
    found = Account.objects.visible_to(user).present().filter(name__icontains=q)
    return list(found.select_related("reseller").order_by("name", "pk")[: SHOWN + 1])


def _box_hit(user: Any, box: Any) -> Hit:
    domain = box.mail_domain.domain
    opens = may(user, Right.LOOK, account=domain.account, domain=domain)
    url = reverse("mailbox", args=[domain.name, box.local]) if opens else ""
    return Hit(box.address, domain.account.name, url)


def _domain_hit(user: Any, domain: Any) -> Hit:
    opens = may(user, Right.SETTINGS, account=domain.account, domain=domain)
    url = reverse("domain-overview" if opens else "mailboxes", args=[domain.name])
    return Hit(domain.display_name, domain.account.name, url)


def _client_hit(client: Any) -> Hit:
    return Hit(client.name, client.reseller.name if client.reseller else "", f"/clients/{client.pk}/")
