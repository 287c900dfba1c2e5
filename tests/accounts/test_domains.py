"""Which names an account may take, and on what proof."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import domains
from accounts.domains import claims
from accounts.models import Account, Domain, DomainClaim
from lib.errors import Denied, Refused
from tests.factories import AccountFactory, DomainFactory, MembershipFactory, ResellerFactory, UserFactory
from tests.racing import race

Proof = Domain.Proof


def add(account: Account, name: str, **more: Any) -> Domain:
    return domains.domain_add(
        **{"actor": None, "account": account, "name": name, "proof": Proof.TRUSTED} | more
    )


@pytest.mark.django_db
class TestNames:
    @pytest.mark.parametrize("typed", ["example.test", "EXAMPLE.test.", "example\uff0etest"])
    def test_a_name_is_taken_once_in_any_form(self, typed: str) -> None:
        account = AccountFactory.create()
        assert add(account, "Example.test.").name == "example.test"
        with pytest.raises(Refused, match="in this account already") as caught:
            add(account, typed)
        assert caught.value.field == "name"

    def test_idn_in_both_forms_is_one_name(self) -> None:
        account = AccountFactory.create()
        domain = add(account, "panadería.test")
        assert (domain.name, domain.display_name) == ("xn--panadera-i2a.test", "panadería.test")
        with pytest.raises(Refused):
            add(account, "XN--panadera-i2a.test")

    @pytest.mark.parametrize(
        "typed", ["theirs.test", "mail.theirs.test", "a.b.theirs.test", "test-owner.test"]
    )
    @pytest.mark.parametrize(
        "how", [add, lambda account, name: claims.claim_make(actor=None, account=account, name=name)]
    )
    def test_another_accounts_domain_and_what_touches_it(self, typed: str, how: Any) -> None:
        whose = AccountFactory.create(name="Secretive Ltd")
        DomainFactory.create(name="theirs.test", account=whose)
        DomainFactory.create(name="deep.test-owner.test", account=whose)
        with pytest.raises(Refused, match="in another account") as caught:
            how(AccountFactory.create(), typed)
        assert caught.value.field == "name"
        assert "Secretive" not in caught.value.message

    def test_consent_counts_on_the_providers_word_alone_and_never_for_the_name_itself(self) -> None:
        DomainFactory.create(name="theirs.test")
        account = AccountFactory.create()
        with pytest.raises(Refused):
            add(account, "shop.theirs.test", consent=True)
        with pytest.raises(Refused):
            add(account, "theirs.test", proof=Proof.STAFF, consent=True)
        assert add(account, "shop.theirs.test", proof=Proof.STAFF, consent=True).proof == Proof.STAFF

    def test_ones_own_domain_may_be_divided(self) -> None:
        account = AccountFactory.create()
        for name in ("luna.test", "shop.luna.test", "other-luna.test"):
            add(account, name)
        assert account.domains.count() == 3

    @pytest.mark.parametrize(
        "typed",
        [
            "postroom.test",
            "PANEL.postroom.test.",
            "a.b.postroom.test",
            "host.local",
            "x.localhost",
            "localhost.localdomain",
            "1.168.192.in-addr.arpa",
            "8.b.d.0.1.0.0.2.ip6.arpa",
            "home.arpa",
            "x.onion",
            "x.internal",
            "x.invalid",
            "co.uk",
            "CO.UK.",
            "github.io",
            "公司.cn",
            "kawasaki.jp",
        ],
    )
    def test_our_own_special_and_public_names(self, typed: str) -> None:
        account = AccountFactory.create()
        for take in (add, lambda a, n: claims.claim_make(actor=None, account=a, name=n)):
            with pytest.raises(Refused) as caught:
                take(account, typed)
            assert caught.value.field == "name"
        assert not Domain.objects.exists()
        assert not DomainClaim.objects.exists()

    @pytest.mark.parametrize("typed", ["host.nube.example", "example", "nube.example"])
    def test_the_panels_host_and_the_names_above_ours(self, settings: Any, typed: str) -> None:
        settings.PANEL_URL = "https://panel.host.nube.example:8443"
        settings.PROVIDER_DOMAIN = "mail.nube.example"
        with pytest.raises(Refused):
            add(AccountFactory.create(), typed)

    def test_a_stranger_may_not(self) -> None:
        with pytest.raises(Denied):
            add(AccountFactory.create(), "luna.test", actor=UserFactory.create())

    @pytest.mark.parametrize("role", ["creator", "reader"])
    def test_who_only_looks_or_makes_mailboxes_may_not(self, role: str) -> None:
        place = MembershipFactory.create(role=role)
        domain = DomainFactory.create(account=place.account)
        with pytest.raises(Denied):
            add(place.account, "luna.test", actor=place.user)
        with pytest.raises(Denied):
            claims.claim_make(actor=place.user, account=place.account, name="luna.test")
        with pytest.raises(Denied):
            domains.domain_remove(actor=place.user, domain=domain)


LETTERS = st.text("aAñÑßΩ好ｅ中0-", min_size=1, max_size=8)


@given(st.lists(LETTERS, min_size=1, max_size=3), st.sampled_from([".", "。", "．"]))
def test_however_it_is_typed_a_name_is_one_and_stays_so(labels: list[str], dot: str) -> None:
    typed = dot.join([*labels, "test"])
    try:
        name, display = domains.name_wanted(typed)
    except Refused:
        with pytest.raises(Refused) as caught:
            domains.name_wanted(typed)
        assert caught.value.field == "name"
        return
    for again in (name, display, name.upper(), f"{display}.", f" {name} "):
        assert domains.name_wanted(again) == (name, display)


@pytest.mark.django_db
class TestProofAtHand:
    def test_nothing_is_taken_on_a_customers_word(self) -> None:
        place = MembershipFactory.create(account__reseller=ResellerFactory.create())
        assert domains.proof_at_hand(actor=place.user, account=place.account, name="luna.test") == ""
        assert domains.proof_at_hand(actor=None, account=place.account, name="luna.test") == ""

    def test_a_trusted_account_or_reseller(self) -> None:
        for account in (
            AccountFactory.create(trusted=True),
            AccountFactory.create(reseller=ResellerFactory.create(trusted=True)),
        ):
            assert domains.proof_at_hand(actor=None, account=account, name="luna.test") == Proof.TRUSTED

    def test_the_provider_unless_in_a_clients_place(self) -> None:
        admin, account = UserFactory.create(is_superuser=True, is_staff=True), AccountFactory.create()
        assert domains.proof_at_hand(actor=admin, account=account, name="luna.test") == Proof.STAFF
        admin.acting_for = account
        assert domains.proof_at_hand(actor=admin, account=account, name="luna.test") == ""

    def test_the_domain_above_in_the_same_account_alone(self) -> None:
        account = DomainFactory.create(name="luna.test").account
        assert domains.proof_at_hand(actor=None, account=account, name="a.b.luna.test") == Proof.PARENT
        assert domains.proof_at_hand(actor=None, account=account, name="xluna.test") == ""
        assert domains.proof_at_hand(actor=None, account=AccountFactory.create(), name="a.luna.test") == ""

    def test_a_claim_above_proves_nothing(self) -> None:
        account = AccountFactory.create()
        claims.claim_make(actor=None, account=account, name="luna.test")
        assert domains.proof_at_hand(actor=None, account=account, name="a.luna.test") == ""


@pytest.mark.django_db
class TestLimit:
    def test_domains_and_claims_count_together(self) -> None:
        account = AccountFactory.create(max_domains=2)
        add(account, "one.test")
        claim = claims.claim_make(actor=None, account=account, name="two.test")
        for take in (add, lambda a, n: claims.claim_make(actor=None, account=a, name=n)):
            with pytest.raises(Refused, match="may have 2 domains and has 2"):
                take(account, "three.test")
        claims.claim_drop(actor=None, claim=claim)
        add(account, "three.test")


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_twenty_at_the_last_free_place(self) -> None:
        account = AccountFactory.create(max_domains=3)
        DomainFactory.create(account=account)
        DomainFactory.create(account=account)

        def take(i: int) -> None:
            name = f"race{i}.test"
            claims.claim_make(actor=None, account=account, name=name) if i % 2 else add(account, name)

        answers = race(20, take)
        assert answers.count("") == 1
        assert all("may have 3 domains and has 3" in answer for answer in answers if answer)
        assert account.domains.count() + account.claims.count() == 3

    def test_twenty_for_one_name_in_twenty_accounts(self) -> None:
        accounts = [AccountFactory.create() for _ in range(20)]
        answers = race(20, lambda i: add(accounts[i], "one.test"))
        assert answers.count("") == 1
        assert Domain.objects.count() == 1

    def test_a_name_and_what_lies_below_it_in_two_accounts(self) -> None:
        accounts = [AccountFactory.create() for _ in range(10)]
        answers = race(10, lambda i: add(accounts[i], "luna.test" if i % 2 else f"s{i}.luna.test"))
        names = set(Domain.objects.values_list("name", flat=True))
        assert answers.count("") == len(names)
        assert "luna.test" not in names or names == {"luna.test"}

    def test_two_claims_proved_at_once(self) -> None:
        made = [
            claims.claim_make(actor=None, account=AccountFactory.create(), name=name)
            for name in ("luna.test", "luna.test", "shop.luna.test", "luna.test")
        ]
        answers = race(4, lambda i: claims.claim_prove(actor=None, claim=made[i], by=Proof.TXT))
        assert answers.count("") == 1
        assert Domain.objects.count() == 1
        assert DomainClaim.objects.count() == 3
