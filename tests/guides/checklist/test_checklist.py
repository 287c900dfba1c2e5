"""The security check: what each point says, that mending it raises the score, and who sees it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.signin.networks import near
from dnszone.models import Record
from guides.checklist import course
from guides.checklist.points import Point, score
from guides.checklist.whole import of_domain, of_mailbox
from guides.checklist.zone import tag
from guides.models import Attempt, ScoreDay, What
from mailboxes.models import Alias, AppPassword, Compromise, DkimKey, Forwarding, Mailbox
from tests.delivery import rows
from tests.factories import MailboxFactory, MailDomainFactory, ZoneFactory
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.fixture
def box(ines: Person) -> Mailbox:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    ZoneFactory.create(domain=mail.domain, name="luna.test")
    made: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana", pop3=False)
    return made


def domain_point(box: Mailbox, key: str) -> Point:
    mail = box.mail_domain
    domain = type(mail.domain).objects.select_related("mail__node", "zone", "account").get(pk=mail.domain.pk)
    return next(point for point in of_domain(domain) if point.key == key)


def box_point(box: Mailbox, key: str) -> Point:
    found = Mailbox.objects.select_related("mail_domain__domain__account").get(pk=box.pk)
    points = of_mailbox(found, url=lambda name: f"/{name}", password_url="/password")
    return next(point for point in points if point.key == key)


def signed_in(box: Mailbox, **more: Any) -> None:
    mail = box.mail_domain
    rows.sign_in_make(mail.node, box.address, domain_id=mail.domain.pk, **more)


def text(box: Mailbox, owner: str, value: str) -> Record:
    zone = box.mail_domain.domain.zone
    made: Record = Record.objects.create(zone=zone, owner=owner, type="TXT", ttl=300, rdata=f'"{value}"')
    return made


def test_a_score_is_the_weight_that_is_met_of_what_applies() -> None:
    def one(key: str, met: bool | None, weight: int) -> Point:
        return Point(key=key, title=key, met=met, found="", why="", weight=weight)

    found = score([one("a", True, 30), one("b", False, 10), one("c", None, 60), one("d", False, 20)])
    assert found.value == 50
    assert [line.point.key for line in found.todo] == ["d", "b"]
    assert [line.gain for line in found.todo] == [33, 16]
    assert [point.key for point in found.silent] == ["c"]
    assert score([one("a", True, 1)]).value == 100
    assert score([]).value == 100


@pytest.mark.parametrize("key", ["encryption", "tls", "port25"])
def test_programs_count_once_somebody_signed_in(box: Mailbox, key: str) -> None:
    assert domain_point(box, key).met is None
    signed_in(box)
    assert domain_point(box, key).met is True
    assert box_point(box, key).met is True


def test_a_program_without_encryption_is_named(box: Mailbox) -> None:
    signed_in(box, encrypted=False, ok=False, program="<script>alert(1)</script>")
    for point in (domain_point(box, "encryption"), box_point(box, "encryption")):
        assert point.met is False
        assert "ana@luna.test" in point.found


def test_an_old_tls_and_port_25_are_found(box: Mailbox) -> None:
    signed_in(box, tls="TLSv1 with cipher AES128-SHA")
    assert domain_point(box, "tls").met is False
    Attempt.objects.create(
        at=timezone.now(),
        what=What.PORT_25,
        network=near("192.0.2.7"),
        sender=box.address,
        domain_id=box.mail_domain.domain.pk,
    )
    assert domain_point(box, "port25").met is False


def test_devices_that_share_a_password(box: Mailbox) -> None:
    assert box_point(box, "devices").met is None
    signed_in(box, program="Thunderbird", client="192.0.2.7")
    signed_in(box, program="K-9", client="198.51.100.9")
    point = box_point(box, "devices")
    assert point.met is False
    assert "Thunderbird" in point.found


def test_a_second_step_of_everybody_who_may_change_it(ines: Person, box: Mailbox) -> None:
    assert domain_point(box, "second-step").met is False
    Authenticator.objects.create(user=ines.user, type=Authenticator.Type.TOTP, data={})
    assert domain_point(box, "second-step").met is True


@pytest.mark.parametrize(
    ("value", "met"),
    [("v=spf1 mx -all", True), ("v=spf1 mx ~all", True), ("v=spf1 mx", False), ("v=spf1 mx ?all", False)],
)
def test_spf(box: Mailbox, value: str, met: bool) -> None:
    assert domain_point(box, "spf").met is False
    text(box, "@", value)
    assert domain_point(box, "spf").met is met
    text(box, "@", "v=spf1 a -all")
    assert domain_point(box, "spf").met is False


def test_dkim_counts_once_it_is_seen(box: Mailbox) -> None:
    key = DkimKey.objects.create(
        mail_domain=box.mail_domain, node=box.mail_domain.node, selector="pr1-mail1", public_key="p"
    )
    assert domain_point(box, "dkim").met is False
    DkimKey.objects.filter(pk=key.pk).update(seen_at=timezone.now())
    assert domain_point(box, "dkim").met is True


def test_dmarc_and_its_policy(box: Mailbox) -> None:
    assert domain_point(box, "dmarc").met is False
    assert domain_point(box, "dmarc-policy").met is None
    found = text(box, "_dmarc", "v=DMARC1; p=none")
    assert domain_point(box, "dmarc").met is True
    assert domain_point(box, "dmarc-policy").met is False
    Record.objects.filter(pk=found.pk).update(rdata='"v=DMARC1; p=quarantine; sp=none"')
    assert domain_point(box, "dmarc-policy").met is True
    assert tag("v=DMARC1;p = Reject ;pct=50", "p") == "reject"


def test_dns_that_is_elsewhere_does_not_count(ines: Person) -> None:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="away.test")
    away = MailboxFactory.create(mail_domain=mail, local="ana")
    for key in ("spf", "dmarc", "dmarc-policy", "dnssec"):
        assert domain_point(away, key).met is None, key


def test_old_passwords(box: Mailbox) -> None:
    assert domain_point(box, "old-passwords").met is True
    Mailbox.objects.filter(pk=box.pk).update(password_set_at=timezone.now() - dt.timedelta(days=400))
    assert domain_point(box, "old-passwords").met is False
    assert box_point(box, "old-passwords").met is False


def test_forgotten_app_passwords(box: Mailbox) -> None:
    assert box_point(box, "app-passwords").met is None
    made = AppPassword.objects.create(mailbox=box, key="k1", label="Phone", password_hash="x")
    assert domain_point(box, "app-passwords").met is True
    AppPassword.objects.filter(pk=made.pk).update(created_at=timezone.now() - dt.timedelta(days=100))
    assert domain_point(box, "app-passwords").met is False
    assert box_point(box, "app-passwords").met is False


def test_forwards_to_outside(box: Mailbox) -> None:
    assert domain_point(box, "forwards").met is None
    Alias.objects.create(
        mail_domain=box.mail_domain, address="x@luna.test", local="x", targets=["ana@luna.test"], home="h1"
    )
    assert domain_point(box, "forwards").met is True
    Forwarding.objects.create(mailbox=box, targets=["ana@far.test"])
    assert domain_point(box, "forwards").met is False
    assert "ana@far.test" in box_point(box, "forwards").found


def test_pop3_that_nobody_uses(box: Mailbox) -> None:
    Mailbox.objects.filter(pk=box.pk).update(pop3=True)
    assert domain_point(box, "pop3").met is None
    signed_in(box)
    assert domain_point(box, "pop3").met is False
    signed_in(box, protocol="pop3")
    assert domain_point(box, "pop3").met is None


def test_guessing_catch_all_and_stops(box: Mailbox) -> None:
    assert domain_point(box, "guessing").met is True
    for _ in range(100):
        signed_in(box, ok=False)
    assert domain_point(box, "guessing").met is False
    assert domain_point(box, "catch-all").met is True
    type(box.mail_domain).objects.filter(pk=box.mail_domain.pk).update(catch_all="ana@luna.test")
    assert domain_point(box, "catch-all").met is False
    stop = Compromise.objects.create(mail_domain=box.mail_domain, mailbox=box, login=box.address)
    assert domain_point(box, "stops").met is False
    assert box_point(box, "stops").met is False
    Compromise.objects.filter(pk=stop.pk).update(released_at=timezone.now())
    assert domain_point(box, "stops").met is True


def test_the_pages_say_the_score_and_what_raises_it(ines: Person, box: Mailbox) -> None:
    signed_in(box, encrypted=False, ok=False, program="<script>x</script>")
    page = ines.client.get(reverse("checklist", args=["luna.test"])).content.decode()
    assert "of 100" in page
    assert "Set up a second step" in page
    assert "<script>x" not in page
    of_box = ines.client.get(reverse("mailbox-checklist", args=["luna.test", "ana"])).content.decode()
    assert "Set it up with encryption" in of_box
    stranger = person()
    assert stranger.client.get(reverse("checklist", args=["luna.test"])).status_code == 404
    assert stranger.client.get(reverse("mailbox-checklist", args=["luna.test", "ana"])).status_code == 404


def test_the_page_asks_as_much_for_many_mailboxes_as_for_one(ines: Person, box: Mailbox) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert ines.client.get(reverse("checklist", args=["luna.test"])).status_code == 200
        return len(queries)

    signed_in(box)
    Forwarding.objects.create(mailbox=box, targets=["x@far.test"])
    asked()
    few = asked()
    for n in range(30):
        other = MailboxFactory.create(mail_domain=box.mail_domain, local=f"box{n}")
        signed_in(other)
        Forwarding.objects.create(mailbox=other, targets=[f"x{n}@far.test"])
    assert asked() == few


def test_a_day_is_noted_once_and_the_page_says_how_it_went(ines: Person, box: Mailbox) -> None:
    assert course.scores_note() == 1
    assert course.scores_note() == 0
    today = ScoreDay.objects.get()
    old = timezone.localdate() - dt.timedelta(days=20)
    ScoreDay.objects.create(domain=box.mail_domain.domain, day=old, score=max(today.score - 7, 0))
    page = ines.client.get(reverse("checklist", args=["luna.test"])).content.decode()
    assert "Raised by 7" in page
    gone = timezone.localdate() - dt.timedelta(days=500)
    ScoreDay.objects.create(domain=box.mail_domain.domain, day=gone, score=1)
    course.scores_note()
    assert not ScoreDay.objects.filter(day=gone).exists()
