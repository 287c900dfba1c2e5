"""From what DNS says to a domain with zone and mail: against a small DNS server in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts import domains, events
from accounts.domains import claims, proof
from accounts.domains.proof import Block, Finding, Servers, Txt
from accounts.models import Domain, DomainClaim
from dnszone.models import Zone
from lib import delegation, resolver
from mailboxes.models import MailDomain
from panel import proving
from panel.tasks import claims_look
from provision.models import Push
from tests.factories import AccountFactory, NodeFactory
from tests.fakedns import FakeDns, free_port, serving

pytestmark = pytest.mark.django_db
OURS = ["ns1.postroom.test", "ns2.postroom.test"]


@pytest.fixture
def world(settings: Any) -> Iterator[FakeDns]:
    """A registry for .test in which luna.test is registered, elsewhere."""
    NodeFactory.create()
    with serving(FakeDns()) as dns:
        settings.RESOLVERS = [dns.place]
        dns.zone("test")
        dns.delegations["luna.test"] = ["ns.elsewhere.test"]
        yield dns


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "TRY_SECONDS", 0.1)
    monkeypatch.setattr(resolver, "IN_ALL_SECONDS", 0.2)
    monkeypatch.setattr(delegation, "TRY_SECONDS", 0.1)
    monkeypatch.setattr(proving, "ONE_LOOK", 0.6)


def claim_of(name: str = "luna.test", **account: object) -> DomainClaim:
    return claims.claim_make(actor=None, account=AccountFactory.create(**account), name=name)


def seen(claim: DomainClaim) -> Finding:
    claim.refresh_from_db()
    found = Finding.of(claim.seen)
    assert found is not None
    return found


def test_the_record_makes_it_a_domain_with_zone_and_mail_on_the_nodes(world: FakeDns) -> None:
    claim = claim_of()
    world.txt("_postroom-proof.luna.test", proof.record_value(claim.token))
    assert not Push.objects.exists()

    claims_look()

    domain = Domain.objects.get()
    assert (domain.name, domain.account, domain.proof) == ("luna.test", claim.account, Domain.Proof.TXT)
    assert Zone.objects.get().domain == domain
    assert MailDomain.objects.get().domain == domain
    assert not DomainClaim.objects.exists()
    kinds = {key.partition("/")[0] for key in Push.objects.values_list("key", flat=True)}
    assert kinds == {"zone", "mail_domain", "dkim_key", "alias", "script"}  # postmaster@ and abuse@


def test_among_many_values_and_in_pieces(world: FakeDns) -> None:
    claim = claim_of()
    half = len(proof.PREFIX) + 7
    value = proof.record_value(claim.token)
    others = [f'"other {n}" "{"x" * 200}"' for n in range(20)]
    world.records["_postroom-proof.luna.test", "TXT"] = [*others, f'"{value[:half]}" "{value[half:]}"']

    claims_look()

    assert Domain.objects.get().proof == Domain.Proof.TXT


def test_what_the_domains_own_servers_say_counts_before_resolvers_forget(world: FakeDns) -> None:
    claim = claim_of()
    world.zone("luna.test")
    world.authority["_postroom-proof.luna.test", "TXT"] = [f'"{proof.record_value(claim.token)}"']

    claims_look()

    assert Domain.objects.get().proof == Domain.Proof.TXT


def test_anothers_token_proves_nothing(world: FakeDns) -> None:
    mine, theirs = claim_of(), claim_of()
    world.txt("_postroom-proof.luna.test", proof.record_value(theirs.token))

    claims_look()

    assert Domain.objects.get().account == theirs.account
    assert seen(mine).block == Block.TAKEN


def test_a_token_of_before_proves_nothing(world: FakeDns) -> None:
    old = claim_of()
    world.txt("_postroom-proof.luna.test", proof.record_value(old.token))
    account = old.account
    claims.claim_drop(actor=None, claim=old)
    again = claims.claim_make(actor=None, account=account, name="luna.test")

    claims_look()

    found = seen(again)
    assert (found.txt, found.texts) == (Txt.OTHER, (proof.record_value(old.token),))
    assert not Domain.objects.exists()


def test_the_right_record_in_the_wrong_place_proves_nothing(world: FakeDns) -> None:
    claim = claim_of()
    for name in ("luna.test", "postroom-proof.luna.test", "_postroom-proof.test"):
        world.txt(name, proof.record_value(claim.token))

    claims_look()

    assert seen(claim).txt == Txt.NONE


@pytest.mark.parametrize(
    ("servers", "kind"),
    [
        (OURS, None),
        (OURS[:1], None),
        ([*OURS, "ns.elsewhere.test"], Servers.MIXED),
        (["ns.elsewhere.test"], Servers.ELSEWHERE),
        (["ns1.postroom.test.evil.test"], Servers.ELSEWHERE),
    ],
)
def test_the_zone_above_delegates_it_to_us(world: FakeDns, servers: list[str], kind: Servers | None) -> None:
    claim = claim_of()
    world.delegations["luna.test"] = servers

    claims_look()

    if kind is None:
        assert Domain.objects.get().proof == Domain.Proof.DELEGATION
    else:
        assert not Domain.objects.exists()
        assert seen(claim).ns == kind


def test_a_name_that_nobody_registered(world: FakeDns) -> None:
    claim = claim_of("sol.test")

    claims_look()

    assert (seen(claim).txt, seen(claim).ns) == (Txt.NONE, Servers.NONE)


def test_what_resolvers_hear_from_the_domains_own_servers(world: FakeDns) -> None:
    claim_of()
    world.records["luna.test", "NS"] = [f"{server.upper()}." for server in OURS]

    claims_look()

    assert Domain.objects.get().proof == Domain.Proof.DELEGATION


@pytest.mark.usefixtures("impatient")
def test_no_resolver_is_no_proof_and_is_said(settings: Any) -> None:
    settings.RESOLVERS = [f"127.0.0.1:{free_port()}"]
    claim = claim_of()

    claims_look()

    assert (seen(claim).txt, seen(claim).ns) == (Txt.AWAY, Servers.AWAY)
    assert not Domain.objects.exists()


@pytest.mark.usefixtures("impatient")
def test_slow_and_lying_servers_keep_nobody_else_waiting(world: FakeDns) -> None:
    for n in range(30):
        name = f"slow{n}.test"
        claim_of(name)
        (world.silent if n % 2 else world.garbage).update({f"_postroom-proof.{name}", name})
    claim = claim_of("good.test")
    world.txt("_postroom-proof.good.test", proof.record_value(claim.token))

    claims_look()

    assert Domain.objects.get().name == "good.test"
    assert not DomainClaim.objects.filter(next_check_at__lte=timezone.now()).exists()


def test_what_cannot_be_understood_is_a_look_that_failed(
    world: FakeDns, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*_given: Any, **_more: Any) -> list[str]:
        raise RuntimeError("a server's joke")

    monkeypatch.setattr(delegation, "name_servers", stumble)
    claim = claim_of()

    claims_look()

    assert seen(claim).txt == Txt.AWAY
    assert "a server's joke" in caplog.text


def test_only_what_is_due_is_looked_at(world: FakeDns) -> None:
    claim = claim_of()
    claims_look()
    claim.refresh_from_db()
    assert claim.next_check_at > timezone.now() + timedelta(seconds=50)
    world.asked.clear()

    claims_look()

    assert not world.asked


def test_claims_of_a_deleted_account_are_left_alone(world: FakeDns) -> None:
    claim = claim_of(deleted_at=timezone.now())
    world.txt("_postroom-proof.luna.test", proof.record_value(claim.token))

    claims_look()

    assert not world.asked
    assert not Domain.objects.exists()


def test_without_a_node_for_its_mail_it_waits_and_says_so(world: FakeDns) -> None:
    claim = claim_of()
    NodeFactory._meta.model.objects.all().delete()
    world.txt("_postroom-proof.luna.test", proof.record_value(claim.token))

    claims_look()

    assert seen(claim).block == Block.REFUSED
    assert seen(claim).why
    assert not Domain.objects.exists()


def test_whoever_wants_to_know_hears_that_it_was_proved(
    world: FakeDns, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(
        events, "_callbacks", {"domain_proved": [lambda domain, actor: heard.append(domain.name)]}
    )
    claim = claim_of()
    world.txt("_postroom-proof.luna.test", proof.record_value(claim.token))

    claims_look()

    assert heard == ["luna.test"]


def test_a_domain_removed_and_added_again_needs_fresh_proof(world: FakeDns) -> None:
    claim = claim_of()
    world.txt("_postroom-proof.luna.test", proof.record_value(claim.token))
    claims_look()
    domains.domain_remove(actor=None, domain=Domain.objects.get())
    again = claims.claim_make(actor=None, account=claim.account, name="luna.test")

    claims_look()

    assert again.token != claim.token
    assert not Domain.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestOnItsOwn:
    def test_one_run_at_a_time(self, world: FakeDns) -> None:
        claim_of()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [proving._LOOKING])
        try:
            assert _elsewhere(proving.look_at_all) == 0
            assert not world.asked
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [proving._LOOKING])

    def test_no_transaction_is_open_while_dns_is_asked(
        self, world: FakeDns, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_ones: list[bool] = []

        def asked(due: list[DomainClaim]) -> list[tuple[DomainClaim, Finding]]:
            open_ones.append(connection.in_atomic_block)
            return [(claim, Finding()) for claim in due]

        monkeypatch.setattr(proving, "_looked_at", asked)
        claim_of()

        claims_look()

        assert open_ones == [False]


def _elsewhere(work: Callable[[], int]) -> int:
    answers: list[int] = []

    def run() -> None:
        answers.append(work())
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return answers[0]
