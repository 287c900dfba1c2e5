"""The watch's page and part: what it says, to whom, in how many queries."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from delivery.models import NodeHealth, SignIn
from guides.models import Attempt, What
from guides.watching import clients
from guides.watching.looking import test_note as note_test
from guides.watching.naming import named
from mailboxes.models import Mailbox
from mailboxes.people import BACKEND, MailboxUser
from tests.delivery import rows
from tests.factories import MailboxFactory, MailDomainFactory
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.fixture
def box(ines: Person) -> Mailbox:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    NodeHealth.objects.create(node=mail.node, logs={"dovecot": {"age": 0}}, told_at=timezone.now())
    mailbox: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana")
    mailbox.created_at -= dt.timedelta(hours=1)
    mailbox.save()
    return mailbox


def watch(box: Mailbox) -> str:
    return reverse("mailbox-connect-watch", args=[box.mail_domain.domain.name, box.local])


def sign_in_make(address: str, *, ago: int = 0, **more: Any) -> SignIn:
    mail_domain = Mailbox.objects.get(address=address).mail_domain
    at = timezone.now() - dt.timedelta(seconds=ago)
    return rows.sign_in_make(mail_domain.node, address, at, domain_id=mail_domain.domain.pk, **more)


def since(seconds: int) -> dict[str, int]:
    return {"since": int(timezone.now().timestamp()) - seconds}


def says(person: Person, box: Mailbox, seconds: int = 30, **more: Any) -> str:
    answer = person.client.get(watch(box), since(seconds) | more, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_works_without_javascript_and_the_part_asks_again(ines: Person, box: Mailbox) -> None:
    page = ines.client.get(watch(box)).content.decode()
    assert "<html" in page
    assert "Look now" in page

    part = says(ines, box)
    assert "<html" not in part
    assert "every 2s" in part


def test_the_same_answers_nothing(ines: Person, box: Mailbox) -> None:
    key = re.search(r"key=([0-9a-f]+)", says(ines, box))
    assert key is not None
    query = since(30) | {"key": key[1]}
    assert ines.client.get(watch(box), query, headers={"HX-Request": "true"}).status_code == 204
    sign_in_make(box.address, program="Thunderbird 128 Linux")
    assert ines.client.get(watch(box), query, headers={"HX-Request": "true"}).status_code == 200


def test_it_ends_after_a_while_and_bounds_what_is_asked(ines: Person, box: Mailbox) -> None:
    assert "Watch again" in says(ines, box, 3600)
    assert "every 2s" not in says(ines, box, 3600)
    for odd in ("-1", "9" * 40, "x", "²", "\0", str(2**40)):
        assert ines.client.get(watch(box), {"since": odd}).status_code == 200


def test_after_a_minute_without_anything_it_speaks_of_blocked_ports(ines: Person, box: Mailbox) -> None:
    assert "Nothing has reached the server" not in says(ines, box, 30)
    assert "Nothing has reached the server" in says(ines, box, 90)


def test_a_late_or_silent_log_is_said(ines: Person, box: Mailbox) -> None:
    NodeHealth.objects.update(logs={"dovecot": {"age": 45}})
    part = says(ines, box, 90)
    assert "45 seconds late" in part
    assert "Nothing has reached the server" not in part
    NodeHealth.objects.update(told_at=timezone.now() - dt.timedelta(minutes=5))
    assert "has not come for some minutes" in says(ines, box)


def test_a_name_is_text(ines: Person, box: Mailbox) -> None:
    sign_in_make(box.address, program="<script>alert(1)</script> Linux")
    part = says(ines, box)
    assert "<script>" not in part
    assert "&lt;script&gt;" in part


def attempt(what: What, **fields: Any) -> None:
    values: dict[str, Any] = {"network": "127.0.0.1/32", "protocol": "imap"}
    Attempt.objects.create(what=what, **values | fields)


def test_what_others_in_the_house_typed_is_not_shown(ines: Person, box: Mailbox) -> None:
    attempt(What.NAME, login="s3cret-password")
    attempt(What.CLEAR, login="bob@luna.test", protocol="pop3")
    attempt(What.PORT_25, sender="bob@luna.test", protocol="smtp", domain_id=box.mail_domain.domain.pk)
    attempt(What.NAME, login="ana", network="192.0.2.9/32")

    part = says(ines, box)

    assert "Receiving: nothing seen yet" in part
    assert "Sending: nothing seen yet" in part


def test_a_refusal_counts_more_than_what_merely_came(ines: Person, box: Mailbox) -> None:
    sign_in_make(box.address, ok=False, reason="password")
    attempt(What.REACHED)
    assert "The password was wrong" in says(ines, box)


def test_what_worked_counts_more_than_a_later_refusal(ines: Person, box: Mailbox) -> None:
    sign_in_make(box.address, ago=20)
    sign_in_make(box.address, ok=False, reason="password")
    part = says(ines, box)
    assert "Receiving works" in part
    assert "wrong" not in part


def test_the_panels_own_test_is_no_program(ines: Person, box: Mailbox) -> None:
    begin = timezone.now()
    row = sign_in_make(box.address)
    note_test(box.address, clients={row.client}, begin=begin - dt.timedelta(seconds=5))
    assert "Receiving: nothing seen yet" in says(ines, box)


def test_few_queries(ines: Person, box: Mailbox, django_assert_max_num_queries: Any) -> None:
    for _row in range(30):
        sign_in_make(box.address, ok=False, reason="password", session="s!")
        sign_in_make(box.address, protocol="smtp", app="k3m9")
    attempt(What.CLEAR)
    says(ines, box)
    # Four of them find out who asks, and for which mailbox.
    with django_assert_max_num_queries(12):
        says(ines, box)


def test_fewer_while_nothing_comes(ines: Person, box: Mailbox, django_assert_max_num_queries: Any) -> None:
    """It is asked every two seconds by everybody who has a guide open."""
    says(ines, box)
    with django_assert_max_num_queries(8):
        says(ines, box)
    mine = own(box)
    with django_assert_max_num_queries(5):
        mine.get(reverse("own-connect-watch"), since(30), headers={"HX-Request": "true"})


def test_a_name_at_somebody_elses_domain_is_not_shown(ines: Person, box: Mailbox) -> None:
    MailDomainFactory.create(domain__name="neighbour.test")
    attempt(What.NAME, login="ana@neighbour.test")
    assert "neighbour" not in says(ines, box)
    MailDomainFactory.create(domain__name="second.test", domain__account=ines.account)
    Attempt.objects.update(login="ana@second.test")
    assert "ana@second.test" in says(ines, box)
    Attempt.objects.update(login="ana@lnua.test")
    assert "ana@lnua.test" in says(ines, box)


def test_sign_ins_of_who_had_the_address_before_are_not_shown(box: Mailbox) -> None:
    sign_in_make(box.address, ago=20)
    box.created_at = timezone.now()
    box.save()
    page = own(box).get(reverse("own-connect-watch"), since(30))
    assert "Receiving: nothing seen yet" in page.content.decode()


def own(box: Mailbox) -> Client:
    user = MailboxUser.people.get(pk=box.pk)
    client = Client()
    session = client.session
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    client.cookies["__Host-session"] = session.session_key or ""
    return client


def test_strangers_find_nothing_and_its_own_user_only_his_own(box: Mailbox) -> None:
    other = MailboxFactory.create(mail_domain=box.mail_domain, local="bob")
    sign_in_make(other.address)
    assert person().client.get(watch(box)).status_code == 404
    mine = own(box)
    page = mine.get(reverse("own-connect-watch"), since(30))
    assert page.status_code == 200
    assert "Receiving: nothing seen yet" in page.content.decode()
    assert mine.get(watch(box)).status_code == 404


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("Thunderbird 128.0 Linux", "Thunderbird on Linux"),
        ("iPhone Mail 21A329 iOS", "iPhone Mail on iOS"),
        ("Mac OS X Mail 16.0 (3774.300)", "Mac OS X Mail"),
        ("K-9 Mail", "K-9 Mail"),
        ("", "A mail program that does not say its name"),
        ("x" * 300, "x" * 60 + "…"),
    ],
)
def test_names(program: str, name: str) -> None:
    assert named(program) == name


def test_programs_of_a_mailbox_and_of_a_domain(box: Mailbox, django_assert_num_queries: Any) -> None:
    domain = box.mail_domain.domain
    MailboxFactory.create(mail_domain=box.mail_domain, local="bob")
    for _time in range(3):
        sign_in_make(box.address, program="Thunderbird 128 Linux", tls="TLSv1.3 with cipher X")
    sign_in_make(box.address, ok=False, encrypted=False, reason="clear")
    sign_in_make(f"bob@{domain.name}", tls="TLSv1 with cipher X", client="192.0.2.44")
    attempt(
        What.PORT_25,
        network="192.0.2.44/32",
        sender=f"bob@{domain.name}",
        domain_id=domain.pk,
        protocol="smtp",
    )
    attempt(What.PORT_25, network="203.0.113.9/32", sender=box.address, domain_id=domain.pk, protocol="smtp")

    with django_assert_num_queries(2):
        found = clients(domain)
    assert [one.times for one in found.all if one.program == "Thunderbird on Linux"] == [3]
    assert [one.address for one in found.clear] == [box.address]
    assert [one.address for one in found.old_tls] == [f"bob@{domain.name}"]
    assert [one.sender for one in found.port_25] == [f"bob@{domain.name}"]
    assert not clients(box.address).port_25
