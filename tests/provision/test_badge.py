"""The badge on the page, its polling, and Retry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.template import engines
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import User
from nodeagent import contract
from provision import kinds, selectors
from provision.models import Node, Push
from tests.provision.conftest import Wire, key, let_leases_end, row
from tests.provision.fakenode import FakeNode, outcome

Edit = Callable[..., None]
Take = Callable[[Any], None]


@pytest.fixture
def as_ana(ana: User) -> Client:
    return signed_in(ana)


def signed_in(user: User) -> Client:
    client = Client(headers={"X-Forwarded-Proto": "https"})
    client.force_login(user)
    return client


def on_page(brief: bool = False) -> str:
    template = engines["django"].from_string("{% load provision %}{% push_badge status brief=brief %}")
    found = selectors.statuses([key()])[key()]
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True)
    return str(template.render({"status": found, "brief": brief}, request))


def fail(node: FakeNode, take: Take, why: str = "the disk is full") -> None:
    take(node.report(outcomes=[outcome(key(), row().sent_rev, error=why)]))


def test_on_its_way_asks_again_and_is_announced(edit: Edit, wire: Wire) -> None:
    edit("ana")
    html = on_page()
    assert "On its way to mail1" in html
    assert 'aria-live="polite"' in html
    assert 'hx-get="/pushes/badge/?key=mailbox%2Fana%40example.test"' in html
    assert 'hx-trigger="load delay:1s"' in html
    assert "style=" not in html


def test_live_shows_its_proof_and_asks_no_more(
    edit: Edit, node: FakeNode, wire: Wire, take: Take, as_ana: Client
) -> None:
    edit("ana")
    take(node.apply(wire.batches()[0]))
    html = on_page()
    assert "Live" in html
    assert "Found by the fake" in html
    assert "<time" in html
    assert "hx-get" not in html
    assert "aria-live" not in html
    assert "found by the fake" not in on_page(brief=True)
    polled = as_ana.get("/pushes/badge/", {"key": key()}, headers={"HX-Request": "true"}).content.decode()
    assert "Live" in polled
    assert "hx-get" not in polled
    assert "aria-live" not in polled  # the region around it stays on the page


def test_removal_has_its_own_words(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana", gone=True)
    assert "Being removed from mail1" in on_page()
    take(node.apply(wire.batches()[0]))
    assert "Removed" in on_page()


def test_away_says_that_it_is_saved(edit: Edit, wire: Wire) -> None:
    edit("ana")
    Node.objects.update(last_report_at=None)
    Push.objects.update(changed_at=timezone.now() - timedelta(minutes=1))
    assert "Waiting for mail1" in on_page()
    assert "Saved." in on_page()


def test_what_was_never_pushed_shows_nothing(node: FakeNode) -> None:
    assert on_page().strip() == ""


def test_a_refusal_is_shown_as_text(edit: Edit, node: FakeNode, wire: Wire, take: Take) -> None:
    edit("ana")
    fail(node, take, "<img src=x onerror=alert(1)>")
    html = on_page()
    assert "&lt;img" in html
    assert "<img" not in html
    assert "Next try" in html


def test_a_head_is_a_get_without_its_body(edit: Edit, wire: Wire, as_ana: Client) -> None:
    edit("ana")
    answer = as_ana.head("/pushes/badge/", {"key": key()})
    assert (answer.status_code, answer.content) == (200, b"")


def test_outsiders_get_404(edit: Edit, node: FakeNode, wire: Wire, take: Take, stranger: User) -> None:
    edit("ana")
    fail(node, take)
    outside = signed_in(stranger)
    assert outside.get("/pushes/badge/", {"key": key()}).status_code == 404
    assert outside.post(f"/pushes/{row().pk}/retry/").status_code == 404
    assert row().last_error


@pytest.mark.parametrize("asked", ["", "mailbox/nobody@example.test", "a\0b", "x" * 3000])
def test_unknown_keys_get_404(asked: str, as_ana: Client) -> None:
    assert as_ana.get("/pushes/badge/", {"key": asked}).status_code == 404


def test_a_visitor_is_sent_to_sign_in(edit: Edit, wire: Wire) -> None:
    edit("ana")
    answer = Client(headers={"X-Forwarded-Proto": "https"}).get("/pushes/badge/", {"key": key()})
    assert answer.status_code == 302


@pytest.fixture
def wish(monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel wants today what was pushed."""

    def desired(key: str) -> Any:
        payload = Push.objects.get(key=key).payload or {}
        return contract.from_payload("mailbox", payload | {"quota_mb": 321})

    monkeypatch.setitem(kinds._kinds, "mailbox", kinds.Kind(name="mailbox", desired=desired))


@pytest.mark.usefixtures("wish")
def test_retry_sends_the_state_of_today(
    edit: Edit,
    node: FakeNode,
    wire: Wire,
    take: Take,
    as_ana: Client,
    ana: User,
    django_capture_on_commit_callbacks: Any,
) -> None:
    edit("ana")
    wire.batches()
    fail(node, take)
    assert f'action="/pushes/{row().pk}/retry/"' in on_page()
    with django_capture_on_commit_callbacks(execute=True):
        answer = as_ana.post(f"/pushes/{row().pk}/retry/", headers={"HX-Request": "true"})
    assert "On its way to mail1" in answer.content.decode()
    [batch] = wire.batches()
    take(node.apply(batch))
    assert node.ledger[key()][1]["quota_mb"] == 321  # type: ignore[index]
    assert row().actor == ana


@pytest.mark.usefixtures("wish")
@pytest.mark.parametrize(
    ("referer", "target"),
    [
        ("https://testserver/domains/example.test/mailboxes/?q=a", "/domains/example.test/mailboxes/?q=a"),
        ("https://evil.test/x", "/"),
        ("", "/"),
        ("https://testserver//evil.test/", "/"),
    ],
)
def test_without_javascript_retry_goes_back(
    referer: str, target: str, edit: Edit, node: FakeNode, wire: Wire, take: Take, as_ana: Client
) -> None:
    edit("ana")
    fail(node, take)
    answer = as_ana.post(f"/pushes/{row().pk}/retry/", headers={"Referer": referer}, secure=True)
    assert (answer.status_code, answer["Location"]) == (302, target)


def test_retry_of_what_is_live_changes_nothing(
    edit: Edit, node: FakeNode, wire: Wire, take: Take, as_ana: Client
) -> None:
    edit("ana")
    take(node.apply(wire.batches()[0]))
    rev = row().desired_rev
    as_ana.post(f"/pushes/{row().pk}/retry/")
    assert row().desired_rev == rev
    let_leases_end()


def test_retry_is_a_post(edit: Edit, wire: Wire, as_ana: Client) -> None:
    edit("ana")
    assert as_ana.get(f"/pushes/{row().pk}/retry/").status_code == 405
