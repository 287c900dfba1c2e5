"""Objects for tests, made the way the database keeps them."""

from __future__ import annotations

import factory
from django.utils import timezone

from accounts.models import Account, Domain, Membership, User
from dnszone.models import Zone
from mailboxes.models import Mailbox, MailDomain
from provision.models import Node


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@people.test")
    name = factory.Faker("name")


class AccountFactory(factory.django.DjangoModelFactory[Account]):
    class Meta:
        model = Account

    name = factory.Sequence(lambda n: f"Account {n}")


class ResellerFactory(AccountFactory):
    kind = Account.Kind.RESELLER


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    account = factory.SubFactory(AccountFactory)
    user = factory.SubFactory(UserFactory)


class NodeFactory(factory.django.DjangoModelFactory[Node]):
    class Meta:
        model = Node
        django_get_or_create = ("name",)

    name = "mail1"
    roles = ["mail", "dns"]
    host = "mail1.postroom.test"
    addresses = ["192.0.2.25"]
    ports = factory.LazyFunction(
        lambda: {"smtp": 25, "submission": 587, "submissions": 465, "imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "sieve": 4190}
    )
    public_key = "A" * 44
    ingest_token_hash = "0" * 64
    last_report_at = factory.LazyFunction(timezone.now)


class DomainFactory(factory.django.DjangoModelFactory[Domain]):
    class Meta:
        model = Domain

    account = factory.SubFactory(AccountFactory)
    name = factory.Sequence(lambda n: f"domain{n}.test")
    display_name = factory.SelfAttribute("name")


class ZoneFactory(factory.django.DjangoModelFactory[Zone]):
    class Meta:
        model = Zone

    domain = factory.SubFactory(DomainFactory)
    name = factory.SelfAttribute("domain.name")
    serial = 2026010100


class MailDomainFactory(factory.django.DjangoModelFactory[MailDomain]):
    class Meta:
        model = MailDomain

    domain = factory.SubFactory(DomainFactory)
    node = factory.SubFactory(NodeFactory)


class MailboxFactory(factory.django.DjangoModelFactory[Mailbox]):
    class Meta:
        model = Mailbox

    mail_domain = factory.SubFactory(MailDomainFactory)
    local = factory.Sequence(lambda n: f"person{n}")
    address = factory.LazyAttribute(lambda box: f"{box.local}@{box.mail_domain.domain.name}")
    password_hash = "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA"
    home = factory.LazyAttributeSequence(lambda box, n: f"{box.mail_domain.domain.name}/{box.local}.{n}")
    quota_mb = 1000
