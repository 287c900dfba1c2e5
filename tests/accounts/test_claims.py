"""Domains that wait for proof."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import domains, selectors
from accounts.domains import claims, proof
from accounts.domains.proof import Block, Finding, Servers, Txt
from accounts.models import Domain, DomainClaim
from lib.errors import Denied, Refused
from tests.factories import AccountFactory, DomainFactory, MembershipFactory, ResellerFactory, UserFactory

Proof = Domain.Proof
DELEGATED = Finding(txt=Txt.NONE, ns=Servers.OURS)


def claim_of(name: str = "luna.test", **account: object) -> DomainClaim:
    return claims.claim_make(actor=None, account=AccountFactory.create(**account), name=name)


@pytest.mark.django_db
class TestMaking:
    def test_a_claim_is_no_domain_and_its_token_is_its_own(self) -> None:
        first, second = claim_of(), claim_of()
        assert not Domain.objects.exists()
        assert first.token != second.token
        assert len(first.token) == 32

    def test_asked_for_again_it_is_the_same_and_after_it_was_dropped_another(self) -> None:
        claim = claim_of()
        again = claims.claim_make(actor=None, account=claim.account, name="LUNA.test.")
        assert (again.pk, again.token) == (claim.pk, claim.token)
        claims.claim_drop(actor=None, claim=claim)
        assert claims.claim_make(actor=None, account=claim.account, name="luna.test").token != claim.token

    def test_nobody_waits_for_ever(self) -> None:
        old, young = claim_of("old.test"), claim_of("young.test")
        DomainClaim.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
        assert claims.claims_expire(now=timezone.now()) == 1
        assert DomainClaim.objects.get() == young


@pytest.mark.django_db
class TestWhoSees:
    def test_the_account_its_reseller_and_the_provider(self) -> None:
        reseller = ResellerFactory.create()
        claim = claim_of(reseller=reseller)
        own = MembershipFactory.create(account=claim.account)
        above = MembershipFactory.create(account=reseller)
        for user in (own.user, above.user, UserFactory.create(is_superuser=True)):
            assert list(selectors.claims(user)) == [claim]

    def test_nobody_else(self) -> None:
        claim = claim_of(reseller=ResellerFactory.create())
        some = MembershipFactory.create(account=claim.account, role="manager", all_domains=False)
        others = [
            MembershipFactory.create(account=ResellerFactory.create()),
            MembershipFactory.create(),
            some,
        ]
        for place in others:
            assert not selectors.claims(place.user)
        stranger = others[1].user
        with pytest.raises(Denied):
            claims.claim_drop(actor=stranger, claim=claim)
        with pytest.raises(Denied):
            claims.claim_look_wanted(actor=stranger, claim=claim)
        with pytest.raises(Denied):
            claims.claim_prove(actor=stranger, claim=claim, by=Proof.TXT)
        assert DomainClaim.objects.get().token == claim.token


@pytest.mark.django_db
class TestLooks:
    def test_asking_makes_it_due_and_not_twice_in_a_moment(self) -> None:
        claim, now = claim_of(), timezone.now()
        user = MembershipFactory.create(account=claim.account).user
        claims.claim_seen(claim=claim, finding=DELEGATED, now=now - timedelta(minutes=1))
        DomainClaim.objects.update(next_check_at=now + timedelta(hours=1))
        claims.claim_look_wanted(actor=user, claim=claim)
        assert DomainClaim.objects.get().next_check_at <= timezone.now()
        claims.claim_seen(claim=claim, finding=DELEGATED, now=timezone.now())
        with pytest.raises(Refused, match="seconds ago"):
            claims.claim_look_wanted(actor=user, claim=claim)

    @pytest.mark.parametrize(
        ("age", "pause"), [(0, 60), (300, 60), (6_000, 600), (36_000, 3_600), (1_000_000, 3_600)]
    )
    def test_the_older_the_rarer(self, age: int, pause: int) -> None:
        now = timezone.now()
        assert proof.next_look(now - timedelta(seconds=age), now) == now + timedelta(seconds=pause)


@pytest.mark.django_db
class TestJudging:
    def test_the_record_proves_it_whoever_else_waits(self) -> None:
        claim, _rival = claim_of(), claim_of()
        assert claims.judged(claim, Finding(txt=Txt.RIGHT))[0] == Proof.TXT

    def test_nothing_is_proved_by_nothing(self) -> None:
        for found in (
            Finding(),
            Finding(txt=Txt.OTHER),
            Finding(txt=Txt.AWAY, ns=Servers.AWAY),
            Finding(ns=Servers.MIXED),
            Finding(ns=Servers.ELSEWHERE),
        ):
            assert claims.judged(claim_of(f"{len(DomainClaim.objects.all())}.test"), found) == ("", found)

    def test_name_servers_prove_it_where_there_is_no_doubt(self) -> None:
        assert claims.judged(claim_of(), DELEGATED)[0] == Proof.DELEGATION

    def test_name_servers_do_not_choose_between_two_who_wait(self) -> None:
        claim, _rival = claim_of(), claim_of()
        by, found = claims.judged(claim, DELEGATED)
        assert (by, found.block) == ("", Block.RIVALS)

    def test_a_delegation_that_another_account_left_behind_proves_nothing(self) -> None:
        former = DomainFactory.create(name="luna.test")
        owner = former.account
        domains.domain_remove(actor=None, domain=former)
        by, found = claims.judged(claim_of(), DELEGATED)
        assert (by, found.block) == ("", Block.FORMER)
        DomainClaim.objects.all().delete()
        again = claims.claim_make(actor=None, account=owner, name="luna.test")
        assert claims.judged(again, DELEGATED)[0] == Proof.DELEGATION

    def test_what_touches_a_domain_that_came_meanwhile_is_taken(self) -> None:
        claim = claim_of("shop.luna.test")
        DomainFactory.create(name="luna.test")
        by, found = claims.judged(claim, Finding(txt=Txt.RIGHT))
        assert (by, found.block) == ("", Block.TAKEN)

    def test_an_account_that_became_trusted(self) -> None:
        claim = claim_of()
        claim.account.trusted = True
        assert claims.judged(claim, Finding())[0] == Proof.TRUSTED


@pytest.mark.django_db
class TestProving:
    def test_the_claim_becomes_the_domain_in_its_place(self) -> None:
        claim = claim_of(max_domains=1)
        domain = claims.claim_prove(actor=None, claim=claim, by=Proof.TXT)
        assert domain is not None
        assert (domain.account, domain.proof) == (claim.account, Proof.TXT)
        assert not DomainClaim.objects.exists()
        assert claims.claim_prove(actor=None, claim=claim, by=Proof.TXT) is None

    def test_who_waits_for_it_or_a_part_of_it_is_told_and_others_are_not(self) -> None:
        claim = claim_of("luna.test")
        touched = [claim_of("luna.test"), claim_of("shop.luna.test"), claim_of("a.b.luna.test")]
        own = claims.claim_make(actor=None, account=claim.account, name="www.luna.test")
        apart = claim_of("xluna.test")
        claims.claim_prove(actor=None, claim=claim, by=Proof.TXT)
        for row in touched:
            row.refresh_from_db()
            found = Finding.of(row.seen)
            assert found is not None
            assert found.block == Block.TAKEN
        for row in (own, apart):
            row.refresh_from_db()
            assert row.seen == ""

    def test_the_slower_one_keeps_waiting(self) -> None:
        first, second = claim_of(), claim_of()
        claims.claim_prove(actor=None, claim=first, by=Proof.TXT)
        with pytest.raises(Refused):
            claims.claim_prove(actor=None, claim=second, by=Proof.TXT)
        assert DomainClaim.objects.get() == second


@pytest.mark.parametrize(
    "text",
    ["", "postroom-proof=", "postroom-proof=ab", "postroom-proof=abc ", "POSTROOM-PROOF=abc", "abc", "é"],
)
def test_only_the_very_value_is_the_proof(text: str) -> None:
    assert proof.is_proof("postroom-proof=abc", "abc")
    assert not proof.is_proof(text, "abc")


@given(
    st.lists(st.text(max_size=300), max_size=8),
    st.lists(st.text(max_size=300), max_size=8),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=900),
)
def test_whatever_strangers_write_fits_and_can_be_read_again(
    texts: list[str], servers: list[str], why: str
) -> None:
    kept = Finding(txt=Txt.OTHER, texts=tuple(texts), servers=tuple(servers), why=why).kept()
    assert len(kept) <= proof.SEEN_MAX
    assert "\0" not in kept
    found = Finding.of(kept)
    assert found is not None
    assert found.txt == Txt.OTHER
