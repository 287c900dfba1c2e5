"""Aliases, forwarders, the catch-all, domain aliases: what is saved, and what nodes are told."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import Refused
from mailboxes.addresses import consent, domains, provider, services
from mailboxes.addresses.circles import circle
from mailboxes.addresses.typed import targets_of
from mailboxes.models import Alias, Consent, Mailbox, MailDomain
from mailboxes.routing.services import routing_switch
from mailboxes.services import mailbox_create, mailbox_delete
from notices.models import Notice
from provision.models import Push
from tests import factories

PASSWORD = "Verde-Casa-Luna-77"


@pytest.fixture
def mail() -> MailDomain:
    return factories.MailDomainFactory.create(domain=factories.DomainFactory.create(name="luna.test"))


@pytest.fixture
def ana(mail: MailDomain) -> Mailbox:
    return factories.MailboxFactory.create(mail_domain=mail, local="ana")


def state(key: str) -> Any:
    row = Push.objects.filter(key=key).first()
    return row.payload if row else None


@pytest.mark.parametrize(
    "typed", ["|command", '"|x"', "/etc/passwd", ":include:/tmp/x", "root", "", "a@b", "\0@x.test"]
)
def test_what_is_no_address_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        targets_of(typed)
    assert refused.value.field == "targets"


@given(text=st.text(max_size=200))
def test_any_text_is_addresses_or_refused(text: str) -> None:
    try:
        found = targets_of(text)
    except Refused:
        return
    assert all(one.count("@") == 1 and one.isascii() for one in found)


@given(edges=st.dictionaries(st.integers(0, 8), st.lists(st.integers(0, 8), max_size=3), max_size=9))
def test_circles(edges: dict[int, list[int]]) -> None:
    named = {str(key): [str(one) for one in value] for key, value in edges.items()}
    found = circle("0", named)
    if found:
        assert found[0] == found[-1]
        assert all(after in named[before] for before, after in pairwise(found))
        return
    ahead, seen = ["0"], []
    while ahead:  # no way leads on for ever, so all of them end
        seen.append(ahead.pop())
        ahead += named.get(seen[-1], [])
        assert len(seen) < 10_000


@pytest.mark.django_db
class TestRemote:
    """Mail to one's own domain whose mail is elsewhere leaves with another sender (SRS), so by the script."""

    def test_an_alias_into_it(self, mail: MailDomain, ana: Mailbox) -> None:
        far = factories.MailDomainFactory.create(
            domain=factories.DomainFactory.create(account=mail.domain.account, name="far.test")
        )
        eva = factories.MailboxFactory.create(mail_domain=far, local="eva")
        row = services.alias_create(
            actor=None, mail_domain=mail, local="team", targets=[ana.address, eva.address]
        )
        assert state("alias/team@luna.test")["targets"] == [ana.address, eva.address]
        assert state("script/team@luna.test") is None
        routing_switch(actor=None, mail_domain=far, mode="remote")
        assert state("alias/team@luna.test")["targets"] == [ana.address, row.address]
        assert state("alias/team@luna.test")["home"]
        assert f'redirect "{eva.address}";' in state("script/team@luna.test")["text"]
        assert not Consent.objects.exists()
        routing_switch(actor=None, mail_domain=far, mode="local")
        assert state("alias/team@luna.test")["targets"] == [ana.address, eva.address]
        assert state("script/team@luna.test") is None

    def test_its_own_postmaster(self, mail: MailDomain, ana: Mailbox) -> None:
        routing_switch(actor=None, mail_domain=mail, mode="remote")
        assert state("alias/postmaster@luna.test")["targets"] == ["postmaster@luna.test"]
        assert f'redirect "{ana.address}";' in state("script/postmaster@luna.test")["text"]


@pytest.mark.django_db
class TestAliases:
    def test_inside(self, mail: MailDomain, ana: Mailbox) -> None:
        services.alias_create(actor=None, mail_domain=mail, local="Info", targets=[ana.address])
        assert state("alias/info@luna.test")["targets"] == [ana.address]
        assert state("script/info@luna.test") is None

    def test_outside_waits_for_a_yes(self, mail: MailDomain) -> None:
        services.alias_create(actor=None, mail_domain=mail, local="fwd", targets=["eva@other.test"])
        assert state("alias/fwd@luna.test") is None
        assert Notice.objects.get(kind=consent.KIND).to == "eva@other.test"
        token = consent.token_of(Consent.objects.get())
        url = reverse("forward-confirm", args=[token])
        client = Client()
        assert b"Do you want this mail" in client.get(url).content
        assert not Consent.objects.filter(confirmed_at__isnull=False).exists(), "no GET changes anything"
        assert client.post(url).status_code == 200
        assert state("alias/fwd@luna.test")["targets"] == ["fwd@luna.test"]
        assert 'redirect "eva@other.test";' in state("script/fwd@luna.test")["text"]
        assert 'header :is "X-Spam" "Yes"' in state("script/fwd@luna.test")["text"]
        client.post(url, {"no": "1"})
        assert state("alias/fwd@luna.test") is None

    def test_a_forged_or_replaced_link(self, mail: MailDomain) -> None:
        services.alias_create(actor=None, mail_domain=mail, local="fwd", targets=["eva@other.test"])
        row = Consent.objects.get()
        token = consent.token_of(row)
        assert Client().post(reverse("forward-confirm", args=[token + "x"])).status_code == 404
        with pytest.raises(Refused):
            consent.consent_resend(consent=row)
        Consent.objects.update(asked_at="2020-01-01T00:00Z")
        consent.consent_resend(consent=row)
        assert Client().post(reverse("forward-confirm", args=[token])).status_code == 404

    def test_circles_are_found_before_saving(self, mail: MailDomain, ana: Mailbox) -> None:
        one = services.alias_create(actor=None, mail_domain=mail, local="a", targets=[ana.address])
        services.alias_create(actor=None, mail_domain=mail, local="b", targets=["a@luna.test"])
        with pytest.raises(Refused, match=r"circle: a@luna.test → b@luna.test → a@luna.test"):
            services.alias_set(actor=None, alias=one, targets=["b@luna.test"])
        with pytest.raises(Refused, match="circle"):
            services.forwarding_set(actor=None, mailbox=ana, targets=["b@luna.test"], keep=True)

    def test_a_hundred_redirects(self, mail: MailDomain) -> None:
        many = [f"a{n}@other.test" for n in range(100)]
        with pytest.raises(Refused, match="At most 30"):
            services.alias_create(actor=None, mail_domain=mail, local="x", targets=many)

    def test_an_address_is_a_mailbox_or_a_forwarder(self, mail: MailDomain, ana: Mailbox) -> None:
        with pytest.raises(Refused, match="is a mailbox"):
            services.alias_create(actor=None, mail_domain=mail, local="ana", targets=["x@luna.test"])
        services.alias_create(actor=None, mail_domain=mail, local="info", targets=[ana.address])
        with pytest.raises(Refused, match="is a forwarder"):
            mailbox_create(actor=None, mail_domain=mail, local="info", password=PASSWORD, quota_mb=10)

    def test_it_leads_nowhere_when_its_mailbox_goes(self, mail: MailDomain, ana: Mailbox) -> None:
        services.alias_create(actor=None, mail_domain=mail, local="info", targets=[ana.address])
        mailbox_delete(actor=None, mailbox=ana)
        assert state("alias/info@luna.test") is None

    def test_the_plan(self, mail: MailDomain) -> None:
        account = mail.domain.account
        account.external_forwarding = False
        account.save()
        with pytest.raises(Refused, match="plan"):
            services.alias_create(actor=None, mail_domain=mail, local="x", targets=["eva@other.test"])


@pytest.mark.django_db
class TestDomains:
    def test_catch_all(self, mail: MailDomain, ana: Mailbox) -> None:
        domains.catch_all_set(actor=None, mail_domain=mail, catch_all=ana.address, plus=False)
        said = state("mail_domain/luna.test")
        assert (said["catch_all"], said["plus"]) == (ana.address, False)
        with pytest.raises(Refused, match="not an address of this account"):
            domains.catch_all_set(actor=None, mail_domain=mail, catch_all="x@other.test", plus=True)

    def test_roles_reach_the_oldest_mailbox(self, mail: MailDomain, ana: Mailbox) -> None:
        mailbox_create(actor=None, mail_domain=mail, local="eva", password=PASSWORD, quota_mb=10)
        assert state("alias/postmaster@luna.test")["targets"] == [ana.address]
        domains.contact_set(actor=None, mail_domain=mail, address="eva@luna.test")
        assert state("alias/abuse@luna.test")["targets"] == ["eva@luna.test"]

    def test_domain_alias(self, mail: MailDomain, ana: Mailbox) -> None:
        other = factories.MailDomainFactory.create(
            domain=factories.DomainFactory.create(name="sol.test", account=mail.domain.account),
            node=mail.node,
        )
        with pytest.raises(Refused, match="has mailboxes"):
            domains.domain_alias_set(actor=None, mail_domain=mail, target=other)
        domains.domain_alias_set(actor=None, mail_domain=other, target=mail)
        assert state("mail_domain/sol.test")["alias_of"] == "luna.test"
        with pytest.raises(Refused, match="alias of"):
            mailbox_create(actor=None, mail_domain=other, local="x", password=PASSWORD, quota_mb=10)
        domains.domain_alias_set(actor=None, mail_domain=other, target=None)
        assert state("mail_domain/sol.test")["alias_of"] == ""


@pytest.mark.django_db
def test_pages(mail: MailDomain, ana: Mailbox) -> None:
    alias = services.alias_create(
        actor=None, mail_domain=mail, local="team", targets=[ana.address, "eva@other.test"]
    )
    owner = factories.UserFactory.create(is_superuser=True)
    client = Client()
    client.force_login(owner)
    base = "/domains/luna.test"
    for path in (
        "forwarders/",
        "forwarders/new/",
        "forwarders/team/",
        "forwarders/team/delete/",
        "catch-all/",
    ):
        assert client.get(f"{base}/{path}").status_code == 200, path
    for path in ("aliases/", "mailboxes/ana/forwarding/", "forwarders/?q=other&sort=-address"):
        assert client.get(f"{base}/{path}").status_code == 200, path
    wrong = client.post(f"{base}/forwarders/new/", {"local": "x", "targets": "|command"})
    assert b"never given to a program" in wrong.content
    client.post(f"{base}/forwarders/bulk/", {"chosen": alias.pk, "sure": "1"})
    assert not Alias.objects.exists()
    client.post(f"{base}/mailboxes/ana/forwarding/", {"targets": "eva@other.test", "keep": "on"})
    consent.consent_give(consent=Consent.objects.select_related("mail_domain__node").get())
    assert 'redirect :copy "eva@other.test";' in state("script/ana@luna.test")["text"]


def test_the_first_admin_gets_the_servers_own_mail_also_when_the_node_was_there_before(db: None) -> None:
    node = factories.NodeFactory.create()
    provider.providers_settle()
    key = f"alias/postmaster@{node.host}"
    assert not Push.objects.filter(key=key).exists()
    factories.UserFactory.create(email="chief@provider.example", is_superuser=True)
    provider.providers_settle()
    push = Push.objects.get(key=key)
    assert push.payload is not None
    assert push.payload["home"]
    provider.providers_settle()
    assert push.desired_rev == Push.objects.get(key=key).desired_rev  # nothing more to say
    script = Push.objects.get(key=f"script/postmaster@{node.host}").payload
    assert script is not None
    assert "chief@provider.example" in script["text"]
