"""A test mail must not reach anybody but the mailbox itself."""

from __future__ import annotations

from typing import Any

import pytest

from guides.clientconfig import client_config
from guides.trying.leaving import leaves
from guides.trying.running import Trial
from mailboxes.models import Alias, DomainFilter, Forwarding, Mailbox, MailboxFilter, Routing
from tests.factories import MailboxFactory, MailDomainFactory

FORWARD = [{"do": "forward", "value": "x@out.test"}]


@pytest.fixture
def box(db: None) -> Mailbox:
    mail = MailDomainFactory.create(domain__name="luna.test")
    found: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana")
    return found


def test_a_mailbox_of_its_own_gets_the_mail(box: Mailbox, django_assert_num_queries: Any) -> None:
    other = MailboxFactory.create(mail_domain=box.mail_domain, local="other")
    Forwarding.objects.create(mailbox=other, targets=["x@out.test"])
    MailboxFilter.objects.create(owner=box, position=1, name="Off", actions=FORWARD, enabled=False)
    MailboxFilter.objects.create(
        owner=box, position=2, name="Moved", actions=[{"do": "folder", "value": "A"}]
    )
    with django_assert_num_queries(1):
        assert not leaves(box)


def test_where_it_would_leave(box: Mailbox) -> None:
    ways: list[Any] = [
        lambda: Forwarding.objects.create(mailbox=box, targets=["x@out.test"]),
        lambda: Alias.objects.create(
            mail_domain=box.mail_domain, address=box.address, local="ana", targets=["x@out.test"], home="h"
        ),
        lambda: MailboxFilter.objects.create(owner=box, position=1, name="On", actions=FORWARD),
        lambda: DomainFilter.objects.create(owner=box.mail_domain, position=1, name="On", actions=FORWARD),
    ]
    for make in ways:
        made = make()
        assert leaves(box), made
        made.delete()
    assert not leaves(box)

    box.mail_domain.decided = Routing.REMOTE
    assert leaves(box)


class Server:
    """Takes everything."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def command(*_given: Any) -> tuple[int, bytes]:
            self.said.append(name)
            return 250, b"ok"

        return command


@pytest.mark.parametrize(("leaving", "last"), [(True, "rset"), (False, "data")])
def test_it_is_asked_for_and_not_sent(leaving: bool, last: str) -> None:
    server: Any = Server()
    config = client_config("ana@luna.test", host="mail1.postroom.test", ports={"submissions": 465})
    trial = Trial(config, ["127.0.0.1"], "secret", [], leaving)

    sent = trial._handed_in(server)

    assert server.said == ["mail", "rcpt", last]
    assert bool(sent) is not leaving
    assert trial.outcome.steps[0].ok is (None if leaving else True)
    assert ("not sent" in str(trial.outcome.steps[0].words)) is leaving
