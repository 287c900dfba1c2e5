"""Mailbox users: in with the address and its password, and nowhere but at their own pages."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import services
from accounts.branding.select import belongs
from delivery.services.partitions import partitions_ensure
from delivery.services.signins import signins_take
from delivery.wire import Line
from lib import passwords
from mailboxes.models import Mailbox
from mailboxes.people import FRONT_PAGE, MailboxUser
from panel.middleware import gate
from provision.models import Push
from tests import factories

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
ADDRESS = "ana@luna.test"
PASSWORD, NEW = "buzon-secreto-42", "otro-buzon-azul-43"
PAGES = ["own", "own-password", "own-connect", "own-sign-ins"]


@pytest.fixture
def box() -> Mailbox:
    return make_box()


def make_box(address: str = ADDRESS, password: str = PASSWORD) -> Mailbox:
    local, _at, name = address.partition("@")
    mail = factories.MailDomainFactory.create(domain=factories.DomainFactory.create(name=name))
    return factories.MailboxFactory.create(
        mail_domain=mail, local=local, password_hash=passwords.hash_mailbox_password(password), used_mb=900
    )


def sign_in(client: Client, login: str = ADDRESS, password: str = PASSWORD, **extra: str) -> Any:
    return client.post(LOGIN, {"login": login, "password": password, **extra})


def inside(password: str = PASSWORD) -> Client:
    client = Client()
    assert sign_in(client, password=password).headers["Location"] == "/mailbox/"
    return client


def test_the_same_page_leads_to_the_mailbox(box: Mailbox) -> None:
    client = inside()
    page = client.get("/mailbox/")
    text = page.content.decode()
    assert "900 of 1,000 MB" in text
    assert ADDRESS in text
    assert 'id="domains"' not in text, "no panel around it"
    assert isinstance(page.context["user"], MailboxUser)
    assert client.get(LOGIN).headers["Location"] == "/mailbox/"


@pytest.mark.parametrize("login", ["ANA@Luna.TEST", " ana@luna.test "])
def test_the_address_as_people_type_it(box: Mailbox, login: str) -> None:
    assert sign_in(Client(), login).headers["Location"] == "/mailbox/"


def test_an_international_domain_as_people_type_it() -> None:
    make_box("ana@xn--pequea-0wa.test")
    assert sign_in(Client(), "ana@pequeña.test").headers["Location"] == "/mailbox/"


def test_a_wrong_password_is_answered_like_an_unknown_name(box: Mailbox) -> None:
    wrong = sign_in(Client(), password="not it at all")
    unknown = sign_in(Client(), "nobody@luna.test", "not it at all")
    assert wrong.status_code == unknown.status_code == 200
    for answer in (wrong, unknown):
        assert "The address or the password is not right" in answer.content.decode()


def test_the_persons_password_comes_first(box: Mailbox) -> None:
    services.user_create(actor=None, email=ADDRESS, name="Ana", password="harina-violeta-91")
    assert sign_in(Client(), password="harina-violeta-91").headers["Location"] == "/"
    assert sign_in(Client(), password=PASSWORD).headers["Location"] == "/mailbox/"


def test_next_leads_to_own_pages_alone(box: Mailbox) -> None:
    assert sign_in(Client(), next="/mailbox/connect/").headers["Location"] == "/mailbox/connect/"
    for other in ("/domains/luna.test/", "https://evil.example/", "//evil.example/mailbox/"):
        assert sign_in(Client(), next=other).headers["Location"] == "/mailbox/"


def _paths(patterns: list[Any], prefix: str = "") -> Any:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern


def _every_path(box: Mailbox) -> Any:
    """Each address of the panel, filled in with what is the mailbox's own where that is possible."""
    known = {
        "name": "luna.test",
        "local": "ana",
        "pk": 1,
        "record": 1,
        "push": 1,
        "uidb36": "1",
        "key": "k-1",
    }
    for route, pattern in _paths(get_resolver().url_patterns):
        if route.startswith("admin/") or "(?P" in route:
            continue
        values = {name: known.get(name, 1) for name in pattern.pattern.converters}
        try:
            yield pattern.name, reverse(pattern.name, kwargs=values)
        except Exception:  # a name inside a namespace, or a converter that wants another text
            text = route
            for name in pattern.pattern.converters:
                text = text.replace(f"<{name}>", str(values[name]))
            yield pattern.name, "/" + "".join(part for part in text if part not in "<>")


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_no_other_page_answers(box: Mailbox, method: str) -> None:
    client = inside()
    found = 0
    for name, path in _every_path(box):
        if name in gate.OF_MAILBOXES:
            continue
        found += 1
        assert getattr(client, method)(path).status_code == 404, f"{name} {path}"
    assert found > 40
    for path in (
        "/admin/",
        "/admin/accounts/user/",
        "/admin/login/",
        "/accounts/",
        "/accounts/2fa/webauthn/",
    ):
        assert getattr(client, method)(path).status_code == 404, path


def test_every_page_leads_back_to_the_mailbox(box: Mailbox) -> None:
    """Also one that says 404: whatever else could be pressed there would be the next."""
    client = inside()
    for path in (FRONT_PAGE, "/domains/luna.test/", "/accounts/logout/"):
        html = client.get(path).content.decode()
        links = re.findall(r'<a class="(?:brand|btn)[^>]*href="([^"]*)"', html)
        assert FRONT_PAGE in links, path
        assert "/" not in links, path


def test_its_own_pages_answer_and_a_persons_session_finds_none(box: Mailbox) -> None:
    client = inside()
    person = Client()
    person.force_login(factories.MembershipFactory.create(account=box.mail_domain.domain.account).user)
    for name in PAGES:
        assert client.get(reverse(name)).status_code == 200, name
        assert person.get(reverse(name)).status_code == 404, name
        assert LOGIN in Client().get(reverse(name)).headers["Location"], name


def test_the_connect_card_is_its_own(box: Mailbox) -> None:
    text = inside().get(reverse("own-connect")).content.decode()
    assert "993" in text
    assert ADDRESS in text
    assert "/domains/" not in text


def test_signing_out(box: Mailbox) -> None:
    client = inside()
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/mailbox/").status_code == 200, "a GET signs nobody out"
    client.post("/accounts/logout/")
    assert client.get("/mailbox/").status_code == 302


def change(client: Client, present: str = PASSWORD, password: str = NEW) -> Any:
    return client.post(reverse("own-password"), {"present": present, "password": password})


def test_a_new_password_ends_all_other_sessions(box: Mailbox) -> None:
    client, other = inside(), inside()
    assert change(client).headers["Location"] == "/mailbox/"
    assert client.get("/mailbox/").status_code == 200
    assert other.get("/mailbox/").status_code == 302
    assert sign_in(Client()).status_code == 200
    inside(NEW)
    push = Push.objects.get(key=f"mailbox/{ADDRESS}")
    assert push.payload
    assert passwords.matches(push.payload["password_hash"], NEW)
    assert push.actor is None
    assert NEW not in str(Push.objects.values_list("payload", flat=True))


@pytest.mark.parametrize(
    ("present", "password", "says"),
    [
        ("wrong", NEW, "not the mailbox’s password"),
        (PASSWORD, PASSWORD, "has it already"),
        (PASSWORD, "short", "at least 10"),
        (PASSWORD, "contraseña-larga-1", "do not agree"),
        ("", NEW, "signed in with"),
    ],
)
def test_what_is_refused_changes_nothing(box: Mailbox, present: str, password: str, says: str) -> None:
    answer = change(inside(), present, password)
    assert answer.status_code == 200
    assert says.replace("has it already", "it has already") in answer.content.decode()
    box.refresh_from_db()
    assert passwords.matches(box.password_hash, PASSWORD)


def test_the_present_password_cannot_be_guessed_from_a_stolen_session(box: Mailbox) -> None:
    client = inside()
    answers = [change(client, "guess").status_code for _n in range(12)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert change(client).status_code == 429


@pytest.mark.parametrize("level", ["mailbox", "domain", "account", "reseller"])
def test_who_is_suspended_is_told_why_after_the_right_password_alone(box: Mailbox, level: str) -> None:
    client = inside()
    account = box.mail_domain.domain.account
    account.reseller = factories.ResellerFactory.create(name="Hosting Sol")
    account.save()
    target = {
        "mailbox": box, "domain": box.mail_domain.domain, "account": account, "reseller": account.reseller,
    }[level]  # fmt: skip
    target.no_sign_in, target.suspended_at = True, timezone.now()
    target.suspended_reason, target.suspended_from = "The invoice is open.", "Hosting Sol"
    target.save()
    right, wrong = sign_in(Client()), sign_in(Client(), password="not it at all")
    assert right.status_code == wrong.status_code == 200
    assert "The invoice is open." in right.content.decode()
    assert "Hosting Sol" in right.content.decode()
    assert "The invoice is open." not in wrong.content.decode()
    assert client.get("/mailbox/").status_code == 302, "whoever was signed in is out"


def test_what_else_is_suspended_is_shown(box: Mailbox) -> None:
    domain = box.mail_domain.domain
    domain.no_send, domain.suspended_at = True, timezone.now()
    domain.suspended_reason, domain.suspended_from = "Too much mail.", "Hosting Sol"
    domain.save()
    text = inside().get("/mailbox/").content.decode()
    assert "Too much mail." in text
    assert "Hosting Sol" in text
    assert "Receives and sends" not in text


def test_a_deleted_mailbox_lets_nobody_in(box: Mailbox) -> None:
    client = inside()
    Mailbox.objects.update(deleted_at=timezone.now())
    assert client.get("/mailbox/").status_code == 302
    assert "not right" in sign_in(Client()).content.decode()


def test_of_a_deleted_account_nobody_gets_in(box: Mailbox) -> None:
    account = box.mail_domain.domain.account
    account.deleted_at = timezone.now()
    account.save()
    assert sign_in(Client()).status_code == 200


def test_the_same_number_is_another_person_elsewhere(box: Mailbox) -> None:
    """A mailbox and a person may have the same primary key."""
    person = factories.UserFactory.create(pk=box.pk, is_staff=True, is_superuser=True)
    client = inside()
    assert client.get("/").status_code == 404
    assert client.get("/admin/").status_code == 404
    client.force_login(person)
    assert client.get("/mailbox/").status_code == 404


def event(box: Mailbox, at: dt.datetime, kind: str, data: dict[str, Any], pos: int) -> None:
    partitions_ensure([at.date()])
    node = box.mail_domain.node
    signins_take(node.pk, [(Line(pos, at.timestamp(), kind, "", data, ""), (1, 0))])


def test_recent_sign_ins_of_this_life_of_the_address(box: Mailbox) -> None:
    now = timezone.now()
    imap = {"protocol": "imap", "user": ADDRESS, "client": "192.0.2.7", "encrypted": True}
    event(box, now + dt.timedelta(minutes=1), "sign-in", imap, 1)
    event(box, now + dt.timedelta(minutes=2), "auth-failed", imap | {"client": "198.51.100.9"}, 2)
    smtp = {"sasl": "Ana@luna.test", "client": "host.example[203.0.113.5]", "tls": "TLSv1.3"}
    event(box, now + dt.timedelta(minutes=3), "client", smtp, 3)
    pop = imap | {"protocol": "pop3", "client": "192.0.2.8", "encrypted": False}
    event(box, now + dt.timedelta(minutes=4), "sign-in", pop, 4)
    event(box, now - dt.timedelta(days=1), "sign-in", imap | {"client": "192.0.2.99"}, 5)
    event(
        box,
        now + dt.timedelta(minutes=5),
        "sign-in",
        imap | {"user": "ben@luna.test", "client": "192.0.2.98"},
        6,
    )
    event(box, now + dt.timedelta(minutes=5), "client", {"client": "mx[192.0.2.97]"}, 7)
    text = inside().get(reverse("own-sign-ins")).content.decode()
    rows = text.split("<tbody>")[-1].split("<tr>")[1:]
    assert [
        next(ip for ip in ("192.0.2.7", "198.51.100.9", "203.0.113.5", "192.0.2.8") if ip in row)
        for row in rows
    ] == ["192.0.2.8", "203.0.113.5", "198.51.100.9", "192.0.2.7"]
    assert "Not encrypted" in rows[0]
    assert "SMTP" in rows[1]
    assert "Refused" in rows[2]
    assert "IMAP" in rows[3]
    for other in ("192.0.2.99", "192.0.2.98", "192.0.2.97"):
        assert other not in text


def test_an_address_made_again_shows_no_sign_in_of_the_one_before(box: Mailbox) -> None:
    now = timezone.now().replace(microsecond=500_000)
    for at, ip in ((now.replace(microsecond=0), "192.0.2.7"), (now + dt.timedelta(seconds=1), "192.0.2.8")):
        data = {"protocol": "imap", "user": ADDRESS, "client": ip, "encrypted": True}
        event(box, at, "sign-in", data, at.second)
    Mailbox.objects.update(created_at=now)
    assert "192.0.2.7" in inside().get(reverse("own-sign-ins")).content.decode(), "logs know whole seconds"
    Mailbox.objects.update(deleted_at=now)
    again = factories.MailboxFactory.create(
        mail_domain=box.mail_domain, local="ana", password_hash=passwords.hash_mailbox_password(PASSWORD)
    )
    Mailbox.objects.filter(pk=again.pk).update(created_at=now)
    text = inside().get(reverse("own-sign-ins")).content.decode()
    assert "192.0.2.7" not in text
    assert "192.0.2.8" in text


def test_many_sign_ins_are_paged(box: Mailbox, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    for n in range(60):
        data = {"protocol": "imap", "user": ADDRESS, "client": f"192.0.2.{n}", "encrypted": True}
        event(box, now + dt.timedelta(seconds=n // 3), "sign-in", data, n)
    client = inside()
    with django_assert_max_num_queries(8):
        first = client.get(reverse("own-sign-ins"))
    text = first.content.decode()
    assert text.count("Signed in</span>") == 50
    older = client.get(f"{reverse('own-sign-ins')}?before={first.context['older']}").content.decode()
    assert older.count("Signed in</span>") == 10
    assert "No sign-in yet" not in client.get(f"{reverse('own-sign-ins')}?before=nonsense").content.decode()


def test_a_mailbox_is_signed_in_on_its_own_resellers_host_alone(box: Mailbox) -> None:
    ours, others = (factories.ResellerFactory.create() for _n in range(2))
    account = box.mail_domain.domain.account
    account.reseller = ours
    account.save()
    user = MailboxUser.by_address(ADDRESS)
    assert belongs(user, ours.pk)
    assert not belongs(user, others.pk)
