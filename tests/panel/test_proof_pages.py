"""The pages of a domain that waits for proof, for whoever is concerned and for nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.domains import claims, proof
from accounts.domains.proof import Block, Finding, Servers, Txt
from accounts.models import Domain, DomainClaim
from panel import lifecycle
from tests.factories import AccountFactory, DomainFactory, MembershipFactory, NodeFactory, ResellerFactory
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PAGES = ["domain-proof"]
ACTIONS = ["domain-proof-look", "domain-proof-drop", "domain-proof-accept"]


@pytest.fixture
def ines() -> Person:
    NodeFactory.create()
    return person()


@pytest.fixture
def claim(ines: Person) -> DomainClaim:
    return claims.claim_make(actor=ines.user, account=ines.account, name="panadería.test")


def url(page: str, name: str = "xn--panadera-i2a.test") -> str:
    return reverse(page, args=[name])


def seen(claim: DomainClaim, **found: Any) -> None:
    claims.claim_seen(claim=claim, finding=Finding(**found), now=timezone.now() - timedelta(minutes=1))


def test_adding_leads_to_the_page_that_says_what_to_do(ines: Person) -> None:
    page = ines.client.post(reverse("domain-add"), {"name": "Panadería.test"}, follow=True)

    claim = DomainClaim.objects.get()
    html = page.content.decode()
    assert page.redirect_chain[-1][0] == f"{url('domain-proof')}?account={ines.account.pk}"
    for value in (
        "_postroom-proof.xn--panadera-i2a.test",
        proof.record_value(claim.token),
        "ns1.postroom.test",
        "ns2.postroom.test",
    ):
        assert f'data-copy="{value}"' in html
    assert "panadería.test" in html
    assert not Domain.objects.exists()


def test_extra_fields_prove_nothing(ines: Person) -> None:
    fields = {"proof": "staff", "verified": "1", "trusted": "on", "consent": "on", "actor": "1", "token": "x"}
    ines.client.post(reverse("domain-add"), {"name": "luna.test", **fields})

    assert not Domain.objects.exists()
    assert DomainClaim.objects.get().token != "x"


def test_the_domains_address_leads_to_the_proof_while_it_waits(ines: Person, claim: DomainClaim) -> None:
    answer = ines.client.get(url("domain-overview"))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(url("domain-proof"))
    assert person().client.get(url("domain-overview")).status_code == 404


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"txt": Txt.NONE, "ns": Servers.NONE}, ["No TXT record has this name", "has no name servers"]),
        ({"txt": Txt.OTHER, "texts": ("postroom-proof=<b>",)}, ["another value", "postroom-proof=&lt;b&gt;"]),
        ({"txt": Txt.AWAY, "ns": Servers.AWAY}, ["nobody knows"]),
        ({"ns": Servers.ELSEWHERE, "servers": ("ns.elsewhere.test",)}, ["these:", "ns.elsewhere.test"]),
        ({"ns": Servers.MIXED}, ["Take the others away"]),
        ({"ns": Servers.OURS, "block": Block.RIVALS}, ["Another account waits"]),
        ({"ns": Servers.OURS, "block": Block.FORMER}, ["another account here before"]),
        ({"block": Block.TAKEN}, ["was proved by another account"]),
        ({"block": Block.REFUSED, "why": "No node."}, ["No node."]),
    ],
)
def test_what_was_found_is_said_in_words(
    ines: Person, claim: DomainClaim, found: dict[str, Any], says: list[str]
) -> None:
    seen(claim, **found)

    html = ines.client.get(url("domain-proof")).content.decode()

    for words in says:
        assert words in html


def test_look_now_makes_it_due_and_not_again_at_once(ines: Person, claim: DomainClaim) -> None:
    seen(claim)
    ines.client.post(url("domain-proof-look"))
    claim.refresh_from_db()
    assert claim.next_check_at <= timezone.now()
    assert "Looking now" in ines.client.get(url("domain-proof")).content.decode()

    claims.claim_seen(claim=claim, finding=Finding(), now=timezone.now())
    again = ines.client.post(url("domain-proof-look"), follow=True).content.decode()

    assert "seconds ago" in again
    claim.refresh_from_db()
    assert claim.next_check_at > timezone.now()


def test_no_get_changes_anything(ines: Person, claim: DomainClaim) -> None:
    for action in ACTIONS:
        assert ines.client.get(url(action)).status_code == 405
    assert DomainClaim.objects.get() == claim


def test_giving_it_up(ines: Person, claim: DomainClaim) -> None:
    answer = ines.client.post(url("domain-proof-drop"))

    assert answer.headers["Location"] == reverse("home")
    assert not DomainClaim.objects.exists()


def test_the_part_that_asks_again_is_small_and_goes_to_the_domain_once_it_is_there(
    ines: Person, claim: DomainClaim
) -> None:
    part = ines.client.get(url("domain-proof"), headers=HTMX).content.decode()
    assert "<html" not in part
    assert 'id="proof-now"' in part
    lifecycle.claim_prove(actor=None, claim=claim, proof=Domain.Proof.TXT)

    answer = ines.client.get(url("domain-proof"), headers=HTMX)

    assert answer.headers["HX-Redirect"] == url("domain-overview")
    assert ines.client.get(url("domain-proof")).headers["Location"] == url("domain-overview")


@pytest.mark.parametrize("page", [*PAGES, *ACTIONS])
def test_anothers_claim_is_not_there(ines: Person, claim: DomainClaim, page: str) -> None:
    charlie = person()
    own = claims.claim_make(actor=charlie.user, account=charlie.account, name="sol.test")
    for asked in (url(page), f"{url(page)}?account={ines.account.pk}", url(page, "no-such.test")):
        for method in (charlie.client.get, charlie.client.post):
            assert method(asked).status_code in {404, 405}
    assert charlie.client.post(f"{url(page, 'sol.test')}?account={ines.account.pk}").status_code in {404, 405}
    assert set(DomainClaim.objects.all()) == {claim, own}
    assert not Domain.objects.exists()


@pytest.mark.parametrize("account", ["0", "-1", "x", "9" * 30, "%00", "1 OR 1=1"])
def test_a_strange_account_in_the_address(ines: Person, claim: DomainClaim, account: str) -> None:
    assert ines.client.get(f"{url('domain-proof')}?account={account}").status_code in {200, 404}


@pytest.mark.parametrize(("role", "page", "actions"), [("reader", 200, 403), ("creator", 403, 403)])
def test_roles(ines: Person, claim: DomainClaim, role: str, page: int, actions: int) -> None:
    colleague = MembershipFactory.create(account=ines.account, role=role)
    client = Client()
    client.force_login(colleague.user)
    assert client.get(url("domain-proof")).status_code == page
    assert client.post(url("domain-proof-look")).status_code == actions
    assert client.post(url("domain-proof-drop")).status_code == actions
    assert client.post(reverse("domain-add"), {"name": "sol.test"}).status_code == 403
    assert DomainClaim.objects.get() == claim


def test_two_accounts_of_one_reseller_wait_for_one_name() -> None:
    reseller = person(ResellerFactory.create())
    made = [
        claims.claim_make(
            actor=None, account=AccountFactory.create(reseller=reseller.account), name="luna.test"
        )
        for _ in range(2)
    ]
    for claim, other in (made, made[::-1]):
        html = reseller.client.get(
            f"{url('domain-proof', 'luna.test')}?account={claim.account_id}"
        ).content.decode()
        assert claim.token in html
        assert other.token not in html
        assert other.account.name in html


class TestAccepting:
    def admin(self) -> Person:
        admin = person()
        admin.user.is_superuser = admin.user.is_staff = True
        admin.user.save()
        return admin

    def test_the_provider_takes_it_without_proof(self, ines: Person, claim: DomainClaim) -> None:
        admin = self.admin()
        assert "Take it without proof" in admin.client.get(url("domain-proof")).content.decode()

        admin.client.post(url("domain-proof-accept"))

        domain = Domain.objects.get()
        assert (domain.account, domain.proof) == (ines.account, Domain.Proof.STAFF)
        assert hasattr(domain, "zone")

    def test_a_part_of_anothers_domain_needs_its_owners_consent(self, ines: Person) -> None:
        admin = self.admin()
        DomainFactory.create(name="luna.test")
        typed = {"name": "shop.luna.test", "account": ines.account.pk}
        assert 'id="id_name-e"' in admin.client.post(reverse("domain-add"), typed).content.decode()
        admin.client.post(reverse("domain-add"), typed | {"consent": "on"})
        assert Domain.objects.get(name="shop.luna.test").account == ines.account

    def test_nobody_else_does(self, ines: Person) -> None:
        reseller = person(ResellerFactory.create())
        client = AccountFactory.create(reseller=reseller.account)
        claims.claim_make(actor=None, account=client, name="luna.test")
        own = claims.claim_make(actor=ines.user, account=ines.account, name="sol.test")
        for who, name in ((reseller, "luna.test"), (ines, own.name)):
            assert "without proof" not in who.client.get(url("domain-proof", name)).content.decode()
            assert who.client.post(url("domain-proof-accept", name)).status_code == 403
        assert not Domain.objects.exists()

    def test_a_trusted_resellers_people_do(self, ines: Person) -> None:
        reseller = person(ResellerFactory.create())
        claim = claims.claim_make(
            actor=None, account=AccountFactory.create(reseller=reseller.account), name="luna.test"
        )
        type(reseller.account).objects.filter(pk=reseller.account.pk).update(trusted=True)
        reseller.client.post(url("domain-proof-accept", "luna.test"))
        assert Domain.objects.get().proof == Domain.Proof.TRUSTED
        assert Domain.objects.get().account == claim.account


def test_the_trusted_the_provider_and_who_has_the_domain_above_wait_for_nothing(ines: Person) -> None:
    trusted = person(AccountFactory.create(trusted=True))
    trusted.client.post(reverse("domain-add"), {"name": "trusted.test"})
    DomainFactory.create(name="luna.test", account=ines.account)
    ines.client.post(reverse("domain-add"), {"name": "shop.luna.test"})
    proofs = dict(Domain.objects.exclude(name="luna.test").values_list("name", "proof"))
    assert proofs == {"trusted.test": Domain.Proof.TRUSTED, "shop.luna.test": Domain.Proof.PARENT}


def test_the_page_costs_few_queries(
    ines: Person, claim: DomainClaim, django_assert_max_num_queries: Any
) -> None:
    seen(claim)
    with django_assert_max_num_queries(8):
        ines.client.get(url("domain-proof"))
