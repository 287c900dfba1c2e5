"""The small demo provider that `bin/up` makes: people, two domains and their mailboxes. Safe to run again
and again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import argon2
from allauth.account.models import EmailAddress
from django.conf import settings

from accounts import clients
from accounts import services as accounts
from accounts.models import Account, Domain, User
from mailboxes import services as mailboxes
from mailboxes.models import Mailbox
from panel import lifecycle

DOMAIN = "panaderia-luna.test"
CLIENT_DOMAIN = "taller-sol.test"
BOXES = {DOMAIN: (("ines", 2_048), ("pedidos", 1_024)), CLIENT_DOMAIN: (("hola", 512),)}

# A reseller's are its pool, out of which its clients' come.
LIMITS: dict[str, dict[str, Any]] = {
    "customer": {"storage_mb": 20_480, "max_mailboxes": 25, "max_domains": 10},
    "reseller": {
        "storage_mb": 204_800,
        "max_mailboxes": 500,
        "max_forwarders": 1_000,
        "max_domains": 100,
        "sends_per_hour": 10_000,
    },
}


@dataclass
class Demo:
    """The sign-ins as they are true now. ``known``: passwords of the last start, by login or address."""

    known: Mapping[str, str]
    sign_ins: list[dict[str, str]] = field(default_factory=list)
    mailboxes: list[dict[str, str]] = field(default_factory=list)

    def password(self, login: str) -> str:
        return self.known.get(login) or secrets.token_urlsafe(15)


def make(known: Mapping[str, str]) -> Demo:
    """Make or mend the demo provider; raises Refused only when the database holds something in its way."""
    demo = Demo(known=known)
    admin = _admin(demo)
    reseller = _owner(
        demo, admin, role="reseller", account="Nube Hosting", name="Rosa Nube", kind="reseller", trusted=True
    )
    client = _owner(demo, admin, role="client", account="Taller Sol", name="Sol Marín", reseller=reseller)
    # No registry knows a name in .test: the reseller's people, who are trusted, can try all with one; the
    # others see how proof works.
    customer = _owner(demo, admin, role="customer", account="Panadería Luna", name="Inés Carrasco")
    _owner(demo, admin, role="customer2", account="Otra Casa", name="Otto Casas")
    for account, name in ((customer, DOMAIN), (client, CLIENT_DOMAIN)):
        _domain(demo, admin, account, name)
    return demo


def _login(role: str) -> str:
    return f"{role}@{settings.PROVIDER_DOMAIN}"


def _sign_in(demo: Demo, user: User, role: str) -> None:
    """Note a sign-in that works: the password of the last start if it still does, else a new one."""
    password = demo.password(user.email)
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    demo.sign_ins.append({"role": role, "login": user.email, "password": password})


def _admin(demo: Demo) -> User:
    login = _login("admin")
    user = User.objects.filter(email=login).first()
    if user is None:
        user = accounts.user_create(
            actor=None,
            email=login,
            name="Ada Admin",
            password=demo.password(login),
            is_staff=True,
            is_superuser=True,
        )
    _sign_in(demo, user, "admin")
    return user


def _owner(
    demo: Demo,
    admin: User,
    *,
    role: str,
    account: str,
    name: str,
    kind: str = "customer",
    reseller: Account | None = None,
    trusted: bool = False,
) -> Account:
    login = _login(role)
    user = User.objects.filter(email=login).first()
    if user is None:
        accounts.account_create(
            actor=admin,
            name=account,
            kind=kind,
            reseller=reseller,
            owner_email=login,
            owner_name=name,
            password=demo.password(login),
            trusted=trusted,
            **LIMITS[kind],
        )
        user = User.objects.get(email=login)
    _sign_in(demo, user, role)
    found: Account = Account.objects.get(memberships__user=user)
    if trusted and not found.trusted:  # a demo made before domains had to be proved
        found = clients.account_set(actor=admin, account=found, trusted=True)
    return found


def _domain(demo: Demo, actor: User, account: Account, name: str) -> None:
    domain = Domain.objects.filter(name=name).first()
    if domain is None:
        domain = lifecycle.domain_create(actor=actor, account=account, name=name, proof=Domain.Proof.STAFF)
    for local, quota_mb in BOXES[name]:
        _mailbox(demo, actor, domain, local, quota_mb)


def _mailbox(demo: Demo, actor: User, domain: Domain, local: str, quota_mb: int) -> None:
    address = f"{local}@{domain.name}"
    password = demo.password(address)
    box = Mailbox.objects.present().filter(address=address).first()
    if box is None:
        mailboxes.mailbox_create(
            actor=actor, mail_domain=domain.mail, local=local, password=password, quota_mb=quota_mb
        )
    elif not _opens(box.password_hash, password):
        mailboxes.mailbox_set_password(actor=actor, mailbox=box, password=password)
    demo.mailboxes.append({"address": address, "password": password})


def _opens(password_hash: str, password: str) -> bool:
    try:
        return argon2.PasswordHasher().verify(password_hash.removeprefix("{ARGON2ID}"), password)
    except argon2.exceptions.VerificationError:
        return False
