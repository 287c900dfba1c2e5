"""Objects for tests, made the way the database keeps them."""

from __future__ import annotations

from django.utils import timezone
from factory.declarations import (
    LazyAttribute,
    LazyAttributeSequence,
    LazyFunction,
    SelfAttribute,
    Sequence,
    SubFactory,
)
from factory.django import DjangoModelFactory
from factory.faker import Faker

from accounts.models import Account, Domain, Membership, User
from dnszone.models import Zone
from mailboxes.models import Mailbox, MailDomain
from provision.models import Node


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = Sequence(lambda n: f"person{n}@people.test")
    name = Faker("name")


class AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account

    name = Sequence(lambda n: f"Account {n}")


class ResellerFactory(AccountFactory):
    kind = Account.Kind.RESELLER


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    account = SubFactory(AccountFactory)
    user = SubFactory(UserFactory)


class NodeFactory(DjangoModelFactory[Node]):
    class Meta:
        model = Node
        django_get_or_create = ("name",)

    name = "mail1"
    roles = ["mail", "dns"]
    host = "mail1.postroom.test"
    addresses = ["192.0.2.25"]
    ports = LazyFunction(
        lambda: {
            "smtp": 25,
            "submission": 587,
            "submissions": 465,
            "imap": 143,
            "imaps": 993,
            "pop3": 110,
            "pop3s": 995,
            "sieve": 4190,
        }
    )
    public_key = "A" * 44
    ingest_token_hash = "0" * 64
    last_report_at = LazyFunction(timezone.now)


class DomainFactory(DjangoModelFactory[Domain]):
    class Meta:
        model = Domain

    account = SubFactory(AccountFactory)
    name = Sequence(lambda n: f"domain{n}.test")
    display_name = SelfAttribute("name")


class ZoneFactory(DjangoModelFactory[Zone]):
    class Meta:
        model = Zone

    domain = SubFactory(DomainFactory)
    name = SelfAttribute("domain.name")
    serial = 2026010100


class MailDomainFactory(DjangoModelFactory[MailDomain]):
    class Meta:
        model = MailDomain

    domain = SubFactory(DomainFactory)
    node = SubFactory(NodeFactory)


class MailboxFactory(DjangoModelFactory[Mailbox]):
    class Meta:
        model = Mailbox

    mail_domain = SubFactory(MailDomainFactory)
    local = Sequence(lambda n: f"person{n}")
    address = LazyAttribute(lambda box: f"{box.local}@{box.mail_domain.domain.name}")
    password_hash = "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA"
    home = LazyAttributeSequence(lambda box, n: f"{box.mail_domain.domain.name}/{box.local}.{n}")
    quota_mb = 1000
