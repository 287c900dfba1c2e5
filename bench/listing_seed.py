"""A large reseller and its neighbours, written straight into an empty database: all live, nothing pushed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Account, Domain, Membership, User
from delivery.models import Direction, Entry, Status
from delivery.services import partitions_ensure
from delivery.text import vector, words_of
from lib import timekey
from mailboxes.models import Alias, BulkImport, BulkRow, Mailbox, MailDomain
from provision.models import Node, Push

BATCH = 5000
CLIENTS, MAILBOXES = 1000, 100_000
LARGE, HUNDRED = 5000, 100  # mailboxes of the first two domains
FORWARDERS, BAD_ROWS = 10_000, 10_000  # of the first domain
OTHERS = (
    (200, 20_000),
    (100, 10_000),
)  # clients and mailboxes of another reseller, and customers of nobody's
MAILS = 40_000  # messages in Track Delivery, each with its recipient: half of them of the last day
_FIRST = (
    "ana", "luis", "maria", "jose", "carmen", "antonio", "isabel", "javier", "laura", "pablo", "lucia",
    "diego", "elena", "marta", "hugo", "sara", "ines",
)  # fmt: skip
_LAST = (
    "garcia", "lopez", "perez", "ruiz", "moreno", "sanz", "gil", "vidal", "castro", "ortega", "rubio",
    "molina", "serrano", "blanco", "soler",
)  # fmt: skip
_TRADES = (
    "panaderia", "taller", "libreria", "farmacia", "bodega", "estudio", "clinica", "gestoria", "jardines",
    "hostal",
)  # fmt: skip


@dataclass(frozen=True)
class Seeded:
    """``large`` and ``hundred``: names of domains with so many mailboxes. ``bulk``: an import of
    the first."""

    owner: User
    large: str
    hundred: str
    client: Account
    bulk: int


def seed() -> Seeded:
    draw = random.Random(3)  # noqa: S311 - the same houses every time
    nodes = [node_make(number) for number in (1, 2)]
    reseller, owner = _reseller("Nube Hosting", "rosa@nube.test")
    clients = _clients(draw, reseller, CLIENTS, "nube")
    domains = _domains(clients)
    rest = (MAILBOXES - LARGE - HUNDRED) / (CLIENTS - 2)
    sizes = [LARGE, HUNDRED, *(int(rest * n) - int(rest * (n - 1)) for n in range(1, CLIENTS - 1))]
    sizes[-1] += MAILBOXES - sum(sizes)
    mine = _mail(draw, nodes, domains, sizes)
    _mails(draw, nodes[0], mine, MAILS)
    bulk = _led_and_bad(draw, owner, domains[0])
    other, _other_owner = _reseller("Otra Nube", "otto@otra.test")
    for above, (count, boxes), tag in zip((other, None), OTHERS, ("otra", "solo"), strict=True):
        theirs = _domains(_clients(draw, above, count, tag))
        addresses = _mail(draw, nodes, theirs, [boxes // count] * count)
        _mails(draw, nodes[1], addresses, MAILS // 4)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum leaves a database that has lived a day
    names = (domains[0].name, domains[1].name)
    return Seeded(owner=owner, large=names[0], hundred=names[1], client=clients[0], bulk=bulk)


def _led_and_bad(draw: random.Random, owner: User, domain: Domain) -> int:
    """Forwarders of a domain, and a file for it in which every row is bad; its key."""
    mail = MailDomain.objects.select_related("node").get(domain=domain)
    names = [f"{draw.choice(_TRADES)}.{draw.choice(_LAST)}{number}" for number in range(FORWARDERS)]
    _store(
        Alias(
            mail_domain=mail,
            local=name,
            address=f"{name}@{domain.name}",
            targets=[f"{name}@elsewhere.example"],
            home=f"{domain.name}/{name}.1",
        )
        for name in names
    )
    _store(_push(mail.node, domain, "alias", f"{name}@{domain.name}", 1) for name in names)
    checked = BulkImport.State.CHECKED
    bulk = BulkImport.objects.create(
        mail_domain=mail, who=owner, state=checked, rows=BAD_ROWS, bad=BAD_ROWS, title="list.csv"
    )
    bad = {"state": BulkRow.State.BAD, "field": "address", "reason": "This is no address."}
    _store(BulkRow(bulk=bulk, line=line, address=f"row {line}", **bad) for line in range(1, BAD_ROWS + 1))
    return int(bulk.pk)


def _store(rows: Iterable[Any]) -> list[Any]:
    """Every row, BATCH at a time."""
    rows, stored = iter(rows), []
    while batch := list(islice(rows, BATCH)):
        stored += type(batch[0])._default_manager.bulk_create(batch)
    return stored


def node_make(number: int) -> Node:
    return Node.objects.create(
        name=f"mail{number}",
        roles=["mail", "dns"],
        host=f"mail{number}.bench.test",
        addresses=[f"192.0.2.{number}"],
        public_key="A" * 44,
        ingest_token_hash="0" * 64,
        last_report_at=timezone.now(),
    )


_ROOM = {"max_domains": 100_000, "max_mailboxes": 1_000_000, "storage_mb": 1_000_000_000}


def _reseller(name: str, email: str) -> tuple[Account, User]:
    account = Account.objects.create(name=name, kind=Account.Kind.RESELLER, **_ROOM)
    owner = User.objects.create_user(email, None, name=name)
    Membership.objects.create(account=account, user=owner)
    return account, owner


def _clients(draw: random.Random, above: Account | None, count: int, tag: str) -> list[Account]:
    """Each with an owner."""
    accounts = _store(
        Account(
            name=f"{draw.choice(_TRADES).title()} {draw.choice(_LAST).title()} {number}",
            reseller=above,
            max_mailboxes=draw.choice((100, 150, 6000)) if number else 6000,
            storage_mb=draw.choice((50_000, 250_000, 1_000_000)),
        )
        for number in range(count)
    )
    people = _store(User(email=f"owner{n}@{tag}.people.test", password="!") for n in range(count))  # noqa: S106 - nobody signs in with it
    _store(Membership(account=account, user=user) for account, user in zip(accounts, people, strict=True))
    return accounts


def _domains(accounts: list[Account]) -> list[Domain]:
    names = [f"{account.name.lower().replace(' ', '-')}-{account.pk}.test" for account in accounts]
    return _store(
        Domain(account=account, name=name, display_name=name)
        for account, name in zip(accounts, names, strict=True)
    )


def _mail(
    draw: random.Random, nodes: list[Node], domains: list[Domain], sizes: list[int]
) -> list[tuple[Domain, str]]:
    mails = _store(MailDomain(domain=domain, node=draw.choice(nodes)) for domain in domains)
    boxes = _store(_boxes(draw, mails, sizes))
    _store(_push(mail.node, mail.domain, "mail_domain", mail.domain.name, 1) for mail in mails)
    _store(_push(mail.node, mail.domain, "zone", mail.domain.name, draw.random() > 0.01) for mail in mails)
    _store(
        _push(box.mail_domain.node, box.mail_domain.domain, "mailbox", box.address, draw.random() > 0.002)
        for box in boxes
    )
    return [(box.mail_domain.domain, box.address) for box in boxes]


def _boxes(draw: random.Random, mails: list[MailDomain], sizes: list[int]) -> Iterator[Mailbox]:
    for mail, size in zip(mails, sizes, strict=True):
        for number in range(size):
            local = f"{draw.choice(_FIRST)}.{draw.choice(_LAST)}{number}"
            quota = draw.choice((512, 1024, 2048))
            yield Mailbox(
                mail_domain=mail,
                local=local,
                address=f"{local}@{mail.domain.name}",
                password_hash="{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",  # noqa: S106
                home=f"{mail.domain.name}/{local}",
                quota_mb=quota,
                used_mb=quota * min(1.0, draw.random() * 1.005),
                messages=draw.randrange(20_000),
                used_at=timezone.now(),
            )


def _push(node: Node, domain: Domain, kind: str, name: str, live: float) -> Push:
    """What is not live was refused."""
    return Push(
        node=node,
        domain=domain,
        kind=kind,
        key=f"{kind}/{name}",
        payload={"name": name},
        desired_rev=2,
        sent_rev=2,
        applied_rev=2 if live else 1,
        attempts=0 if live else 3,
        last_error="" if live else "the disk is full",
        next_try_at=None if live else timezone.now() + timedelta(days=1),
        applied_at=timezone.now() if live else None,
    )


def _mails(draw: random.Random, node: Node, boxes: list[tuple[Domain, str]], count: int) -> None:
    chosen = [(draw.choice(boxes), _moment(draw)) for _ in range(count)]
    partitions_ensure({at.astimezone(UTC).date() for _box, at in chosen})
    fates = [Status.DELIVERED] * 17 + [Status.DEFERRED, Status.FAILED, Status.REJECTED]
    _store(
        Entry(
            pk=timekey.make(at.timestamp(), n),
            domain_id=domain.pk,
            message_id=timekey.make(at.timestamp(), n),
            direction=draw.choice((Direction.IN, Direction.OUT)),
            at=at,
            changed_at=at,
            status=draw.choice(fates),
            sender=address,
            address=address,
            subject="Bench",
            server="127.0.0.1",
            agent="lmtp",
            dsn="2.0.0",
            queue_id=f"4{n:x}",
            words=vector(words_of(addresses=[address], texts=["Bench"], names=[])),
        )
        for n, ((domain, address), at) in enumerate(chosen)
    )


def _moment(draw: random.Random) -> datetime:
    days = draw.random() if draw.random() < 0.5 else draw.random() * 30
    return timezone.now() - timedelta(days=days)
