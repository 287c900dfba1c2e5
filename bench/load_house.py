"""What bench.load's people find: made by the panel's services where nodes hear of it, the rest in bulk. For
bench.load_seed, once Django is up."""

from __future__ import annotations

import random
import secrets
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from accounts.models import Account, Domain, Membership, User
from bench.listing_seed import _mails, _store
from delivery.models import Entry
from mailboxes.models import Mailbox
from mailboxes.services.wanted import mailbox_wanted
from panel import lifecycle
from provision.services import push_enqueue

DOMAINS, MAILBOXES, MAILS = 40, 125, 100_000  # mailboxes of one domain
RESELLERS, PROVIDERS = 7, 3  # people; the others are customers
TOUCHED = 100  # of a domain's mailboxes these are edited (bench.load_people)
_ROOM = {"max_domains": 500, "max_mailboxes": 20_000, "storage_mb": 100_000_000, "trusted": True}
_HASH = "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"


def make(tag: str) -> list[dict[str, Any]]:
    """Everybody: ``role``, ``login``, ``password``, ``domains``."""
    draw = random.Random(8)  # noqa: S311 - the same houses every time
    reseller = Account.objects.create(name=tag, kind=Account.Kind.RESELLER, **_ROOM)
    clients = [
        Account.objects.create(name=f"{tag} {number}", reseller=reseller, **_ROOM)
        for number in range(DOMAINS)
    ]
    domains = [
        lifecycle.domain_create(
            actor=None, account=account, name=f"{tag}-{number}.test", proof=Domain.Proof.TRUSTED
        )
        for number, account in enumerate(clients)
    ]
    boxes = [box for domain in domains for box in _boxes(draw, domain)]
    _mails(draw, domains[0].mail.node, [(domain, box.address) for domain, box in boxes], MAILS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return _people(tag, reseller, clients, domains)


def _boxes(draw: random.Random, domain: Domain) -> list[tuple[Domain, Mailbox]]:
    made = _store(
        Mailbox(
            mail_domain=domain.mail,
            local=f"person{number}",
            address=f"person{number}@{domain.name}",
            password_hash=_HASH,
            home=f"{domain.name}/person{number}",
            quota_mb=draw.choice((512, 1024, 2048)),
            used_mb=draw.random() * 500,
        )
        for number in range(MAILBOXES)
    )
    with transaction.atomic():
        push_enqueue(actor=None, wanted=[mailbox_wanted(box) for box in made])
    return [(domain, box) for box in made]


def _people(
    tag: str, reseller: Account, clients: list[Account], domains: list[Domain]
) -> list[dict[str, Any]]:
    """Their mail comes to a mailbox here, as a first sign-in is told; to one that nobody edits, as it is
    their key."""
    password = secrets.token_urlsafe(18)
    hashed, people = make_password(password), []

    def person(role: str, number: int, account: Account | None, names: list[str]) -> None:
        email = f"person{TOUCHED + number % (MAILBOXES - TOUCHED)}@{domains[number // 25].name}"
        staff = account is None
        user = User.objects.create(
            email=email, password=hashed, name=email, is_staff=staff, is_superuser=staff
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        if account is not None:
            Membership.objects.create(account=account, user=user, role=Membership.Role.OWNER)
        people.append({"role": role, "login": email, "password": password, "domains": names})

    everything = [domain.name for domain in domains]
    for number, (account, domain) in enumerate(zip(clients, domains, strict=True)):
        person("customer", number, account, [domain.name])
    for number in range(RESELLERS):
        person("reseller", DOMAINS + number, reseller, everything)
    for number in range(PROVIDERS):
        person("provider", DOMAINS + RESELLERS + number, None, everything)
    return people


def drop(tag: str) -> None:
    """All of it, as far as it was made."""
    domains = list(Domain.objects.filter(name__startswith=f"{tag}-"))
    for domain in domains:
        keys = Entry.objects.filter(domain_id=domain.pk)
        keys._raw_delete("default")  # its messages were never there
        lifecycle.domain_delete(actor=None, domain=domain)
    accounts = Account.objects.filter(name__startswith=f"{tag}")
    User.objects.filter(memberships__account__in=accounts).delete()
    User.objects.filter(email__contains=f"@{tag}-").delete()
    accounts.filter(reseller__isnull=False).delete()
    accounts.delete()
