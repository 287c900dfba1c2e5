"""What the numbers of the last hours say, told once, muted, resolved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Domain
from delivery.alerts import rules, services
from delivery.alerts.looking import look
from delivery.alerts.rules import Sign
from delivery.models import Alert, AlertMute, Direction, LogFile, NodeHealth, Status, TrafficPart
from notices.models import Notice
from provision.models import Node
from tests import factories
from tests.delivery.conftest import owner
from tests.delivery.rows import entry_make, sign_in_make

pytestmark = pytest.mark.django_db
NOW = timezone.now


def heard(node: Node) -> None:
    LogFile.objects.create(node=node, identity="f", log="postfix")


def part(domain: Domain, hours: int, n: int, **more: Any) -> None:
    hour = NOW().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
    values = {"direction": Direction.IN, "status": Status.DELIVERED} | more
    TrafficPart.objects.create(hour=hour, domain_id=domain.pk, entries=n, **values)


def kinds(node: Node) -> set[tuple[str, int | None, str]]:
    return {(sign.kind, sign.domain_id, sign.subject) for sign in look(NOW())}


def test_nothing_odd_is_no_alert(node: Node, luna: Domain) -> None:
    heard(node)
    for _ in range(5):
        entry_make(luna.pk, node=node, status=Status.FAILED, direction=Direction.OUT)
    assert look(NOW()) == []


def test_much_that_fails(node: Node, luna: Domain, sol: Domain) -> None:
    heard(node)
    part(luna, 0, 16, direction=Direction.OUT)
    part(luna, 0, 5, direction=Direction.OUT, status=Status.FAILED)
    part(sol, 0, 100, direction=Direction.OUT)
    part(sol, 0, 5, direction=Direction.OUT, status=Status.FAILED)
    assert kinds(node) == {("failing", luna.pk, "")}


def test_mail_that_piles_up_for_one_destination_and_goes_out_in_the_end(node: Node, luna: Domain) -> None:
    heard(node)
    rows = [
        entry_make(
            luna.pk, node=node, status=Status.DEFERRED, direction=Direction.OUT, address=f"u{n}@slow.test"
        )
        for n in range(12)
    ]
    assert kinds(node) == {("deferring", luna.pk, "slow.test")}
    for row in rows:
        row.status = Status.DELIVERED
        row.save()
    assert kinds(node) == set()


def test_a_spike_is_measured_by_what_is_usual(node: Node, luna: Domain, sol: Domain) -> None:
    heard(node)
    part(luna, 0, 300, direction=Direction.OUT)
    part(luna, 30, 20, direction=Direction.OUT)
    part(sol, 0, 300, direction=Direction.OUT)
    part(sol, 30, 200, direction=Direction.OUT)
    assert kinds(node) == {("spike", luna.pk, "out")}


def test_wrong_passwords_by_mailbox_and_by_source(node: Node, luna: Domain, sol: Domain) -> None:
    heard(node)
    for n in range(25):
        sign_in_make(node, "ana@luna.test", domain_id=luna.pk, ok=False, client=f"203.0.113.{n}")
    for n in range(4):
        counts = {"attempts": 30}
        sign_in_make(node, f"u{n}@nowhere.test", ok=False, client="198.51.100.9", counts=counts)
    assert kinds(node) == {("guessing", luna.pk, "ana@luna.test"), ("guessing", None, "198.51.100.9")}


def test_silence_where_there_always_is_mail(node: Node, luna: Domain, sol: Domain) -> None:
    heard(node)
    for day in range(1, 8):
        part(luna, 24 * day + 3, 9)
        part(sol, 24 * day + 3, 9 if day != 4 else 0)
    assert kinds(node) == {("silence", luna.pk, "")}
    part(luna, 1, 1)
    assert kinds(node) == set()


def test_a_node_that_is_deaf_is_the_provider_s_matter_and_no_silence_of_domains(
    node: Node, luna: Domain
) -> None:
    heard(node)
    LogFile.objects.update(last_seen_at=NOW() - timedelta(hours=7))
    for day in range(1, 8):
        part(luna, 24 * day + 3, 9)
    assert kinds(node) == {("node", None, node.name)}
    NodeHealth.objects.create(node=node, told_at=NOW(), logs={"postfix": {"lost": 1}})
    assert {sign.facts.get("lost") for sign in look(NOW()) if sign.kind == "node"} == {1}


@pytest.mark.parametrize("wrong", [0, 1, 10**9])
def test_rules_take_any_number(wrong: int) -> None:
    for sign in (
        rules.failing(1, sent=wrong, failed=0),
        rules.deferring(None, "x", waiting=0, mails=wrong),
        rules.spike(1, "out", hour=0, usual=wrong),
        rules.guessing(None, "x", tries=0, logins=wrong),
        rules.silence(1, now=wrong, before=[]),
    ):
        assert sign is None


SIGN = "guessing"


def sign(domain: Domain, n: int = 30) -> Sign:
    return Sign(SIGN, domain.pk, "ana@luna.test", {"n": n, "logins": 1})


def test_it_is_told_once_and_is_over_by_itself(luna: Domain) -> None:
    now = NOW()
    assert services.alerts_keep([sign(luna)], now=now) == 1
    assert services.alerts_keep([sign(luna, 31)], now=now + timedelta(minutes=1)) == 0
    row = Alert.objects.get()
    assert row.facts["n"] == 31
    assert Notice.objects.filter(kind="alert", to=owner(luna).email).count() == 1
    services.alerts_keep([], now=now + timedelta(minutes=2))
    assert Alert.objects.still_open().exists(), "for a while it is quiet"
    services.alerts_keep([], now=now + timedelta(minutes=40))
    row.refresh_from_db()
    assert row.resolved_at is not None
    services.alerts_keep([sign(luna)], now=now + timedelta(hours=2))
    assert Alert.objects.still_open().count() == 1
    assert Notice.objects.filter(kind="alert").count() == 1, "not so soon again"


def test_the_provider_hears_of_what_is_no_domain_s(luna: Domain) -> None:
    admin = factories.UserFactory.create(is_staff=True, is_superuser=True)
    services.alerts_keep([Sign("node", None, "mail1", {"silent": 900})], now=NOW())
    assert Notice.objects.get(kind="alert").to == admin.email


def client_of(domain: Domain, client: Client) -> Client:
    client.force_login(owner(domain), backend="accounts.backends.PersonBackend")
    return client


@pytest.mark.parametrize("do", ["day", "week", "always"])
def test_muted_it_is_shown_and_not_told(luna: Domain, client: Client, do: str) -> None:
    services.alerts_keep([sign(luna)], now=NOW())
    url = reverse("alert-change", args=["luna.test", Alert.objects.get().pk])
    assert client_of(luna, client).post(url, {"do": do}).status_code == 302
    Alert.objects.update(resolved_at=NOW(), told_at=None)
    services.alerts_keep([sign(luna)], now=NOW())
    assert Alert.objects.still_open().get().told_at is None
    page = client.get(reverse("alerts", args=["luna.test"])).content.decode()
    assert "Muted until" in page
    client.post(
        reverse("alert-change", args=["luna.test", Alert.objects.still_open().get().pk]), {"do": "unmute"}
    )
    assert not AlertMute.objects.exists()


def test_seen_to_it_does_not_come_back_at_once(luna: Domain, client: Client) -> None:
    now = NOW()
    services.alerts_keep([sign(luna)], now=now)
    url = reverse("alert-change", args=["luna.test", Alert.objects.get().pk])
    client_of(luna, client).post(url, {"do": "resolve"})
    services.alerts_keep([sign(luna)], now=now + timedelta(minutes=1))
    assert not Alert.objects.still_open().exists()
    services.alerts_keep([sign(luna)], now=now + timedelta(hours=2))
    assert Alert.objects.still_open().exists()


def test_another_customer_s_alert_is_not_there(luna: Domain, sol: Domain, client: Client) -> None:
    services.alerts_keep([sign(luna), Sign("node", None, "mail1", {"silent": 900})], now=NOW())
    visitor = client_of(sol, client)
    for url in (reverse("alerts-all"), reverse("alerts", args=["sol.test"])):
        page = visitor.get(url).content.decode()
        assert "ana@luna.test" not in page
        assert "mail1" not in page
    for row in Alert.objects.all():
        assert visitor.post(reverse("alert-change-all", args=[row.pk]), {"do": "day"}).status_code == 404
    assert visitor.get(reverse("alerts", args=["luna.test"])).status_code == 404
    assert not AlertMute.objects.exists()


def test_hostile_subjects_are_inert(luna: Domain, client: Client) -> None:
    services.alerts_keep([Sign("deferring", luna.pk, "<i>\u202ex\x1b[31m", {"n": 12, "of": 12})], now=NOW())
    page = client_of(luna, client).get(reverse("alerts", args=["luna.test"])).content.decode()
    assert "<i>" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_the_page_costs_few_queries(luna: Domain, client: Client, django_assert_max_num_queries: Any) -> None:
    signs = [Sign("deferring", luna.pk, f"d{n}.test", {"n": 12, "of": 12}) for n in range(60)]
    services.alerts_keep(signs, now=NOW())
    client_of(luna, client)
    with django_assert_max_num_queries(8):
        client.get(reverse("alerts", args=["luna.test"]))
