"""A client of a reseller with people of every role, and the others who must not come near."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Domain, DomainClaim, Invitation, Membership, MembershipDomain, User
from accounts.team import invitations
from delivery.models import Entry
from dnszone.models import Record, Zone, ZoneRollout, ZoneTemplate, ZoneVersion
from mailboxes.models import (
    Alias,
    AppPassword,
    BulkImport,
    Compromise,
    DomainFilter,
    Identity,
    Mailbox,
    MailboxFilter,
    WebsiteSender,
)
from provision.models import Push
from tests import factories
from tests.delivery.rows import alert_make, entry_make

Role = Membership.Role
BACKEND = "accounts.backends.PersonBackend"
PASSWORD = "paper ink and postal red"

# Who: (whose account, role, which domains; None: all). "client" is the one that the pages are about.
PEOPLE: dict[str, tuple[str, str, str | None]] = {
    "owner": ("client", Role.OWNER, None),
    "manager": ("client", Role.MANAGER, None),
    "creator": ("client", Role.CREATOR, None),
    "reader": ("client", Role.READER, None),
    "creator here": ("client", Role.CREATOR, "one.test"),
    "creator there": ("client", Role.CREATOR, "two.test"),
    "manager here": ("client", Role.MANAGER, "one.test"),
    "reseller owner": ("reseller", Role.OWNER, None),
    "reseller manager": ("reseller", Role.MANAGER, None),
    "reseller creator": ("reseller", Role.CREATOR, None),
    "reseller reader": ("reseller", Role.READER, None),
    "stranger": ("stranger", Role.OWNER, None),
    "other reseller": ("other reseller", Role.OWNER, None),
}


@dataclass
class House:
    accounts: dict[str, Account]
    domains: dict[str, Domain]
    people: dict[str, User] = field(default_factory=dict)
    places: dict[str, Membership] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        return self.accounts["client"]

    @property
    def domain(self) -> Domain:
        return self.domains["one.test"]

    @property
    def box(self) -> Mailbox:
        found: Mailbox = self.things["box"]
        return found

    def person(self, who: str) -> User:
        """As the next request would find them."""
        return User.objects.get(pk=self.people[who].pk)

    def client(self, who: str, *, fresh: bool = True, ahead: float = 0) -> Client:
        """``fresh``: has given the password a moment ago, or ``ahead`` seconds later."""
        client = browser()
        client.force_login(self.people[who], backend=BACKEND)
        if fresh:
            just_signed_in(client, ahead)
        return client


def browser() -> Client:
    client = Client(headers={"host": "localhost"})
    client.defaults["wsgi.url_scheme"] = "https"
    return client


def just_signed_in(client: Client, ahead: float = 0) -> None:
    session = client.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session["account_authentication_methods"] = [
        {"method": "password", "at": timezone.now().timestamp() + ahead, "reauthenticated": True}
    ]
    session.save()


@cache
def _hash() -> str:
    """One for all: a hash costs as long as the rest of the house."""
    return make_password(PASSWORD)


def member(account: Account, role: str, *domains: Domain, email: str = "") -> Membership:
    """A person who can sign in, with a place; for some domains only if any are named."""
    values = {"email": email} if email else {}
    user = factories.UserFactory.create(password=_hash(), **values)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    place: Membership = factories.MembershipFactory.create(
        account=account, user=user, role=role, all_domains=not domains
    )
    for domain in domains:
        MembershipDomain.objects.create(membership=place, domain=domain)
    return place


def house() -> House:
    accounts = {"reseller": factories.ResellerFactory.create(trusted=True)}
    accounts["client"] = factories.AccountFactory.create(reseller=accounts["reseller"])
    accounts["stranger"] = factories.AccountFactory.create()
    accounts["other reseller"] = factories.ResellerFactory.create()
    domains = {
        name: factories.DomainFactory.create(account=accounts["client"], name=name)
        for name in ("one.test", "two.test")
    }
    domains["strange.test"] = factories.DomainFactory.create(account=accounts["stranger"])
    found = House(accounts, domains)
    for who, (account, role, some) in PEOPLE.items():
        place = member(accounts[account], role, *([domains[some]] if some else []))
        found.people[who], found.places[who] = place.user, place
    found.things = _things(found)
    return found


def _things(found: House) -> dict[str, Any]:
    domain = found.domain
    zone = factories.ZoneFactory.create(domain=domain)
    factories.ZoneFactory.create(domain=found.domains["two.test"])
    factories.MailDomainFactory.create(domain=found.domains["two.test"])
    record = Record.objects.create(zone=zone, owner="www", type="A", rdata="192.0.2.1")
    mail = factories.MailDomainFactory.create(domain=domain)
    box = factories.MailboxFactory.create(mail_domain=mail, local="ana")
    Alias.objects.create(
        mail_domain=mail, address=box.address, local="ana", targets=["x@out.test"], home="one.test/fwd"
    )
    gone = factories.MailboxFactory.create(mail_domain=mail, local="gone", deleted_at=timezone.now())
    return {
        "zone": zone,
        "record": record,
        "version": ZoneVersion.objects.create(zone=zone, serial=zone.serial, origin="edit"),
        "rollout": _rollout(found.accounts["reseller"], zone),
        "mail": mail,
        "box": box,
        "gone": gone,
        "bulk": BulkImport.objects.create(mail_domain=mail, who=found.people["owner"], state="checked"),
        "stop": Compromise.objects.create(mail_domain=mail, mailbox=box, login=box.address),
        "rule": MailboxFilter.objects.create(owner=box, position=1, name="One"),
        "domain_rule": DomainFilter.objects.create(owner=mail, position=1, name="One"),
        "app": AppPassword.objects.create(mailbox=box, key="phone222", label="Phone", password_hash="{X}x"),
        "identity": Identity.objects.create(mailbox=box, address="info@one.test"),
        "website": WebsiteSender.objects.create(
            mail_domain=mail, login="web@one.test", label="Shop", key="website2", password_hash="{X}x"
        ),
        "push": _push(mail, f"mailbox/{box.address}", "mailbox"),
        "zone push": _push(mail, f"zone/{domain.name}", "zone"),
        "entry": _entry(mail, box),
        "alert": alert_make(domain),
        "claim": DomainClaim.objects.create(
            account=found.account, name="three.test", display_name="three.test", token="t" * 40
        ),
        "plan": found.accounts["reseller"].plans_offered.create(name="Small"),
        "invitation": Invitation.objects.create(
            account=found.account,
            email="new@people.test",
            role=Role.READER,
            nonce="n" * 43,
            invited_by=found.people["owner"],
            expires_at=timezone.now() + invitations.LIFE - 2 * invitations.PAUSE,
        ),
    }


def _rollout(owner: Account, zone: Zone) -> ZoneRollout:
    """Of the reseller's template, previewed for one zone."""
    template = ZoneTemplate.objects.create(owner=owner, name="Web", text="www A 192.0.2.1")
    template.revisions.create(number=1, text=template.text)
    rollout: ZoneRollout = template.rollouts.create(revision=1)
    rollout.items.create(zone=zone, serial=zone.serial)
    return rollout


def _push(mail: Any, key: str, kind: str) -> Push:
    """Refused by the node, so that it can be tried again."""
    found: Push = Push.objects.create(
        node=mail.node,
        key=key,
        kind=kind,
        domain=mail.domain,
        payload=None,
        desired_rev=2,
        applied_rev=1,
        last_error="no room",
        next_try_at=timezone.now(),
    )
    return found


def _entry(mail: Any, box: Mailbox) -> Entry:
    return entry_make(mail.domain_id, node=mail.node, address=box.address, subject="Secret", queue_id="4XyZ")
