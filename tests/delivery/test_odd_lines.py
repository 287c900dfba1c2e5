"""Mails that do not go the usual way: broken off, too big, put into the queue again, under a clock that was
set back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Domain
from delivery.models import Direction, Entry, Message, Status
from provision.models import Node
from tests.delivery.conftest import Lines

Q, NEW = "4jXFb45vvCzLKnH", "4jXFb45vvCzLKnJ"
PEER = "h.example[192.0.2.9]"


def begun(lines: Lines, sender: str = "a@b.test", to: str = "ana@luna.test") -> Lines:
    """As far as the header."""
    lines.add("smtpd", f"{Q}: client={PEER}")
    end = f"from {PEER}; from=<{sender}> to=<{to}> proto=ESMTP helo=<h>"
    return lines.add("cleanup", f"{Q}: info: header Subject: Hello {end}")


def shown() -> list[tuple[str, int, int]]:
    entries = Entry.objects.order_by("id")
    return [(entry.address, entry.direction, entry.status) for entry in entries]


def test_a_mail_whose_connection_broke_is_no_mail(node: Node, luna: Domain) -> None:
    begun(Lines()).add("smtpd", f"lost connection after DATA (4711 bytes) from {PEER}").take(node)
    assert shown() == []


def test_a_connection_that_breaks_later_leaves_the_mail_before_alone(node: Node, luna: Domain) -> None:
    lines = Lines().mail(Q, sender="a@b.test", to="ana@luna.test")
    lines.add("smtpd", f"lost connection after DATA from {PEER}").take(node)
    assert shown() == [("ana@luna.test", Direction.IN, Status.DELIVERED)]


def test_a_mail_too_big_at_its_end_is_refused(node: Node, luna: Domain) -> None:
    begun(Lines()).add("smtpd", f"warning: {Q}: queue file size limit exceeded").take(node)
    assert shown() == [("ana@luna.test", Direction.IN, Status.REJECTED)]
    assert Entry.objects.get().reply == "552 5.3.4 Error: message file too big"


@pytest.mark.parametrize("forged", [False, True])
def test_what_was_put_into_the_queue_again_is_listed_once(
    node: Node, luna: Domain, sol: Domain, *, forged: bool
) -> None:
    """And stays whose it was: a stranger's mail does not become that of the sender it claims."""
    login = "" if forged else "ana@luna.test"
    to = "ben@sol.test" if forged else "x@far.example"
    waits = {"status": "deferred", "dsn": "4.4.1", "remove": False}
    lines = Lines().mail(Q, sender="ana@luna.test", to=to, login=login, text="450 wait", **waits)  # type: ignore[arg-type]
    lines.add("postsuper", f"{Q}: requeued")
    lines.add("pickup", f"{NEW}: uid=104 from=<ana@luna.test> orig_id={Q}")
    lines.add("cleanup", f"{NEW}: message-id=<{Q}@h.example>")
    lines.add("qmgr", f"{NEW}: from=<ana@luna.test>, size=1234, nrcpt=1 (queue active)")
    lines.delivery(NEW, to=to).add("qmgr", f"{NEW}: removed").take(node)
    (entry,) = Entry.objects.all()
    assert (entry.status, entry.queue_id) == (Status.DELIVERED, NEW)
    assert (entry.domain_id, entry.login) == ((sol.pk, "") if forged else (luna.pk, "ana@luna.test"))


@pytest.mark.parametrize("again", [False, True])
def test_a_clock_that_is_set_back_while_mails_are_on_their_way(
    node: Node, luna: Domain, *, again: bool
) -> None:
    """``again``: an earlier mail had the queue id that one has after the clock was set back."""
    now = timezone.now()
    lines = Lines(now)
    if again:
        lines.at -= timedelta(minutes=59, seconds=10)
        lines.mail(NEW, sender="old@b.test", to="ana@luna.test")
        lines.at = Lines(now).at
    lines.mail(Q, sender="a@b.test", to="ana@luna.test", status="deferred", text="wait", remove=False)
    lines.at -= timedelta(hours=1)
    lines.delivery(Q, to="ana@luna.test").add("qmgr", f"{Q}: removed")
    lines.at += timedelta(seconds=40)
    lines.mail(NEW, sender="c@b.test", to="ana@luna.test").take(node)
    assert sorted(Entry.objects.values_list("sender", "status")) == sorted(
        [("a@b.test", Status.DELIVERED), ("c@b.test", Status.DELIVERED)]
        + ([("old@b.test", Status.DELIVERED)] if again else [])
    )
    assert Message.objects.count() == 2 + again
