"""From log lines to a login that is stopped, its notice, and the way back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Domain
from delivery.services import partitions
from lib.errors import Denied, Refused
from mailboxes.compromise import services
from mailboxes.compromise import steps as module
from mailboxes.compromise.steps import Addition, steps
from mailboxes.models import Compromise, Mailbox
from notices.models import Notice
from panel.compromise import detecting
from panel.compromise.signs import SPIKE_LEAST
from provision import asking
from provision.models import Push
from tests import factories
from tests.delivery.conftest import Lines
from tests.mailboxes.conftest import World, signed_in


@pytest.fixture
def box(world: World) -> Mailbox:
    partitions._known.clear()
    return factories.MailboxFactory.create(mail_domain=world.mail, local="ana")


SPIKE = {"kind": "spike", "n": 99, "usual": 1}


def read(world: World, lines: Lines) -> None:
    """As the node's shipper posts them."""
    Domain.objects.filter(pk=world.domain.pk).update(created_at=timezone.now() - timedelta(days=1))
    lines.take(world.mail.node)


def burst(n: int, *, dsn: str = "2.0.0", status: str = "sent") -> Lines:
    lines = Lines(timezone.now() - timedelta(minutes=5))
    for number in range(n):
        lines.at -= timedelta(seconds=5)
        lines.mail(
            f"4jXFd{number:05d}zz",
            sender="ana@example.test",
            to=f"p{number}@far.test",
            login="ana@example.test",
            status=status,
            dsn=dsn,
        )
    return lines


def test_a_spike_stops_sending_and_tells_the_owner(world: World, box: Mailbox) -> None:
    read(world, burst(SPIKE_LEAST))
    assert detecting.look() == 1
    row = Compromise.objects.get()
    assert (row.login, row.mailbox) == ("ana@example.test", box)
    assert row.reasons[0]["kind"] == "spike"
    payload = Push.objects.get(key="hold/ana@example.test").payload
    assert payload is not None
    assert payload["login"] == "ana@example.test"
    notice = Notice.objects.get(kind="compromised")
    assert notice.to == world.owner.email
    assert detecting.look() == 0  # it is stopped already


def test_a_usual_day_stops_nobody(world: World, box: Mailbox) -> None:
    read(world, burst(SPIKE_LEAST - 1))
    assert detecting.look() == 0
    assert not Compromise.objects.exists()


def test_recipients_that_do_not_exist(world: World, box: Mailbox) -> None:
    read(world, burst(14, dsn="5.1.1", status="bounced"))
    assert detecting.look() == 1
    assert Compromise.objects.get().reasons[0]["kind"] == "unknown"


def held(box: Mailbox, world: World) -> Compromise:
    row = services.sending_hold(
        login=box.address,
        mail_domain=world.mail,
        mailbox=box,
        reasons=[SPIKE],
    )
    assert row is not None
    return row


def test_the_way_back_step_by_step(
    world: World,
    box: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = held(box, world)
    assert [step.name for step in steps(row)] == ["password", "app-passwords", "additions", "queue"]
    with pytest.raises(Refused, match="new password"):
        services.compromise_release(actor=world.owner, compromise=row)
    Mailbox.objects.filter(pk=box.pk).update(password_set_at=timezone.now())
    services.compromise_review(actor=world.owner, compromise=row)
    with pytest.raises(Refused, match="mail that waits"):
        services.compromise_release(actor=world.owner, compromise=row)
    services.compromise_review(actor=world.owner, compromise=row, queue=True)
    released = services.compromise_release(actor=world.owner, compromise=row)
    assert released.released_by == world.owner
    assert Push.objects.get(key="hold/ana@example.test").payload is None
    with pytest.raises(Refused, match="already"):
        services.compromise_release(actor=world.owner, compromise=row)


def test_app_passwords_from_before_keep_the_step_open(
    world: World,
    box: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = held(box, world)
    monkeypatch.setattr(module, "_app_passwords", [lambda mailbox, at: 2])
    assert not next(step for step in steps(row) if step.name == "app-passwords").done


def test_a_reader_and_a_stranger_release_nothing(world: World, box: Mailbox) -> None:
    row = held(box, world)
    reader = factories.UserFactory.create()
    factories.MembershipFactory.create(account=world.domain.account, user=reader, role="reader")
    for somebody in (reader, world.stranger):
        with pytest.raises(Denied):
            services.compromise_release(actor=somebody, compromise=row)
    for name in ("stopped", "stopped-review", "stopped-queue", "stopped-release"):
        url = reverse(name, args=["example.test", row.pk])
        assert signed_in(world.stranger).get(url).status_code == 404
        assert signed_in(world.stranger).post(url).status_code == 404
        assert signed_in(reader).get(url).status_code == 403


def queue_of(world: World, answers: dict[str, Any], asked: list[Any]) -> Any:
    def ask(node: Any, what: str, **args: Any) -> Any:
        asked.append((what, args))
        return answers[what]

    return ask


def test_the_page_shows_what_was_seen_and_what_waits(
    world: World,
    box: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = held(box, world)
    hostile = "<b>x</b>@far.test"
    mail = {"id": "4abcdef1", "queue": "hold", "at": 1_790_000_000, "size": 900, "sender": box.address,
            "recipients": [[hostile, ""]], "all": 3}  # fmt: skip
    asked: list[Any] = []
    answers = {"queue": {"mails": [mail], "all": 1}, "queue_change": {"done": 1}, "sieve_own": None}
    monkeypatch.setattr(asking, "ask", queue_of(world, answers, asked))
    added = Addition(timezone.now(), "A forward to thief@far.test", "mailbox")
    monkeypatch.setattr(module, "_finders", [lambda mailbox, since: [added]])
    client: Client = signed_in(world.owner)
    text = client.get(reverse("stopped", args=["example.test", row.pk])).content.decode()
    assert "99 recipients within 10 minutes" in text
    assert "A forward to thief@far.test" in text
    assert "&lt;b&gt;x&lt;/b&gt;@far.test" in text
    assert hostile not in text
    gone = client.post(
        reverse("stopped-queue", args=["example.test", row.pk]), {"delete": "1", "id": ["4abcdef1"]}
    )
    assert gone.status_code == 302
    wanted = {"do": "delete", "senders": [box.address], "ids": ["4abcdef1"]}
    assert ("queue_change", wanted) in asked


def test_a_node_that_is_silent_is_said_and_the_page_stands(
    world: World,
    box: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(*_args: Any, **_named: Any) -> Any:
        raise asking.NodeSilent("The mail server does not answer at the moment.")

    monkeypatch.setattr(asking, "ask", silent)
    row = held(box, world)
    page = signed_in(world.owner).get(reverse("stopped", args=["example.test", row.pk]))
    assert page.status_code == 200
    assert "does not answer at the moment" in page.content.decode()
