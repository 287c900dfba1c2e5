"""Links to the guides of a mailbox: what they show, to whom, and when no more."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Domain
from guides.handing import services, tokens
from guides.handing.selectors import address_of_share, share_by_token, shared_of
from guides.models import ShareLink
from lib.errors import Denied, Refused
from mailboxes.models import Mailbox
from mailboxes.people import MailboxUser
from notices.models import Notice
from notices.services import notices_deliver
from tests.factories import MailboxFactory, MailDomainFactory
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.fixture
def box(ines: Person) -> Mailbox:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    made: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana")
    return made


def made(ines: Person, box: Mailbox, days: int = 7) -> tuple[ShareLink, str]:
    share = services.share_make(actor=ines.user, mailbox=box, days=days)
    return share, urlsplit(address_of_share(share)).path


def test_whoever_has_the_link_sees_every_guide_with_its_values(ines: Person, box: Mailbox) -> None:
    share, path = made(ines, box)
    visitor = Client()
    page = visitor.get(path)
    guide = visitor.get(f"{path}thunderbird/")

    assert page.status_code == guide.status_code == 200
    for answer in (page, guide):
        html = answer.content.decode()
        assert "mail1.postroom.test" in html
        assert 'content="noindex' in html
        assert "/domains/luna.test" not in html
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
    share.refresh_from_db()
    assert share.opened_at


def test_the_database_alone_opens_nothing(ines: Person, box: Mailbox) -> None:
    share, path = made(ines, box)
    token = path.split("/")[2]
    assert len(token) == 32
    assert token not in " ".join(
        str(value) for value in ShareLink.objects.filter(pk=share.pk).values_list()[0]
    )
    assert share_by_token(share.seed[:32]) is None
    assert share_by_token(share.token_hash[:32]) is None


def test_a_link_outlives_the_secret_key(ines: Person, box: Mailbox, settings: Any) -> None:
    share, path = made(ines, box)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, []
    assert Client().get(path).status_code == 200
    assert tokens.token_again(share.seed, share.token_hash) == ""


def test_ended_expired_unknown_and_gone_look_alike(ines: Person, box: Mailbox) -> None:
    share, path = made(ines, box)
    unknown = Client().get(f"/share/{'x' * 32}/")
    assert unknown.status_code == 404

    def gone() -> None:
        answer = Client().get(path)
        assert answer.status_code == 404
        assert "Ask whoever sent it to you" in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
        assert Client().get(f"{path}thunderbird/").status_code == 404

    ShareLink.objects.update(expires_at=timezone.now())
    gone()
    ShareLink.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    Mailbox.objects.update(deleted_at=timezone.now())
    gone()
    Mailbox.objects.update(deleted_at=None)
    Domain.objects.update(
        no_sign_in=True, suspended_at=timezone.now(), suspended_reason="late", suspended_rank=1
    )
    gone()
    Domain.objects.update(no_sign_in=False, suspended_at=None)
    assert Client().get(path).status_code == 200
    services.share_end(actor=ines.user, mailbox=box, share=share)
    gone()


@pytest.mark.parametrize("token", ["a", "..", "%00", "x" * 400, "é" * 32, "'" * 32])
def test_odd_tokens_are_no_links(token: str) -> None:
    assert Client().get(f"/share/{token}/").status_code == 404


def test_a_link_expires_on_its_day(ines: Person, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    _share, path = made(ines, box, days=1)
    later = timezone.now() + dt.timedelta(hours=23, minutes=59)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert Client().get(path).status_code == 200
    end = later + dt.timedelta(minutes=2)
    monkeypatch.setattr(timezone, "now", lambda: end)
    assert Client().get(path).status_code == 404
    assert not shared_of(box)[0].works


def test_only_so_many_links_live(ines: Person, box: Mailbox) -> None:
    links = [
        services.share_make(actor=ines.user, mailbox=box, days=1) for _each in range(services.MOST_LIVING)
    ]
    with pytest.raises(Refused):
        services.share_make(actor=ines.user, mailbox=box, days=1)
    services.share_end(actor=ines.user, mailbox=box, share=links[0])
    services.share_make(actor=ines.user, mailbox=box, days=1)


def test_the_page_makes_shows_and_ends_links(ines: Person, box: Mailbox) -> None:
    page = reverse("mailbox-connect-hand", args=["luna.test", "ana"])
    share_page = reverse("mailbox-connect-share", args=["luna.test", "ana"])
    assert ines.client.post(share_page, {"days": "2"}).status_code == 200  # not one of the choices
    assert not ShareLink.objects.exists()
    ines.client.post(share_page, {"days": "30"})
    share = ShareLink.objects.get()
    assert address_of_share(share) in ines.client.get(page).content.decode()
    end = reverse("mailbox-connect-share-end", args=["luna.test", "ana"])
    assert ines.client.post(end, {"share": "9" * 30}).status_code == 404
    ines.client.post(end, {"share": str(share.pk)})
    html = ines.client.get(page).content.decode()
    assert address_of_share(share) not in html
    assert "Ended" in html


def test_an_outsider_gets_404_and_the_service_refuses_them(ines: Person, box: Mailbox) -> None:
    other = person()
    share, _path = made(ines, box)
    for name in ("hand", "share", "share-end", "send", "sheet", "sheet-pdf"):
        url = reverse(f"mailbox-connect-{name}", args=["luna.test", "ana"])
        assert other.client.get(url).status_code == 404
        assert other.client.post(url, {"share": share.pk, "days": 7}).status_code == 404
    with pytest.raises(Denied):
        services.share_make(actor=other.user, mailbox=box, days=7)
    with pytest.raises(Denied):
        services.share_end(actor=other.user, mailbox=box, share=share)
    with pytest.raises(Denied):
        services.settings_send(actor=other.user, mailbox=box, to="a@b.example", language="en")


def test_a_link_of_another_mailbox_is_not_ended_here(ines: Person, box: Mailbox) -> None:
    other = MailboxFactory.create(mail_domain=box.mail_domain, local="eva")
    share, _path = made(ines, other)
    end = reverse("mailbox-connect-share-end", args=["luna.test", "ana"])
    assert ines.client.post(end, {"share": share.pk}).status_code == 404


NOTE = "Hola <script>alert(1)</script>\nhttps://evil.example/x see www.evil.example\r\nBcc: all@evil.example"


def test_the_mail_has_servers_and_link_in_its_language_and_the_note_is_inert(
    ines: Person, box: Mailbox, mailoutbox: Any
) -> None:
    share = services.settings_send(
        actor=ines.user, mailbox=box, to="ana@private.example", language="en", note=NOTE
    )
    notice = Notice.objects.get(kind="settings_handed")
    link = address_of_share(share)
    assert link not in str(notice.context)
    notices_deliver()
    mail = mailoutbox[0]
    html = mail.alternatives[0][0]
    for body in (mail.body, html):
        assert link in body
        assert "mail1.postroom.test" in body
        assert "993" in body
        assert "https://evil" not in body
        assert "www.evil.example" not in body
    assert "<script>" not in html
    assert mail.to == ["ana@private.example"]
    assert not mail.bcc


def test_a_mail_whose_link_was_ended_does_not_leave(ines: Person, box: Mailbox, mailoutbox: Any) -> None:
    share = services.settings_send(actor=ines.user, mailbox=box, to="ana@private.example", language="es")
    services.share_end(actor=ines.user, mailbox=box, share=share)
    notices_deliver()
    assert not mailoutbox


def test_a_mailboxs_own_user_does_not_use_up_everybodys(ines: Person, box: Mailbox) -> None:
    own = MailboxUser.people.get(pk=box.pk)
    for number in range(services.MOST_OWN):
        services.settings_send(actor=own, mailbox=box, to=f"{number}@private.example", language="en")
    with pytest.raises(Refused):
        services.settings_send(actor=own, mailbox=box, to="ana@private.example", language="en")
    services.settings_send(actor=ines.user, mailbox=box, to="ana@private.example", language="en")


def test_an_account_sends_only_so_many_an_hour(ines: Person, box: Mailbox) -> None:
    other = MailboxFactory.create(mail_domain=box.mail_domain, local="eva")
    for number in range(services.MOST_MAILS):
        services.settings_send(
            actor=ines.user, mailbox=other if number % 2 else box, to="ana@private.example", language="en"
        )
    with pytest.raises(Refused) as refused:
        services.settings_send(actor=ines.user, mailbox=box, to="ana@private.example", language="en")
    assert "10" in refused.value.message
    ShareLink.objects.update(created_at=timezone.now() - dt.timedelta(hours=1, minutes=1))
    services.settings_send(actor=ines.user, mailbox=box, to="ana@private.example", language="en")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("to", "no address"),
        ("to", "a@b.example\nBcc: c@d.example"),
        ("note", "x" * 501),
        ("note", "a\0b"),
        ("language", "xx"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(ines: Person, box: Mailbox, name: str, value: str) -> None:
    data = {"to": "ana@private.example", "language": "en", "note": ""} | {name: value}
    answer = ines.client.post(reverse("mailbox-connect-send", args=["luna.test", "ana"]), data)
    assert answer.status_code in {200, 400}
    assert not Notice.objects.exists()


def test_pages_ask_little(ines: Person, box: Mailbox, django_assert_max_num_queries: Any) -> None:
    for _each in range(15):
        services.share_make(actor=ines.user, mailbox=box, days=7)
    _share, path = made(ines, box)
    for client, url in (
        (ines.client, reverse("mailbox-connect-hand", args=["luna.test", "ana"])),
        (Client(), path),
        (Client(), f"{path}thunderbird/"),
    ):
        client.get(url)
        with django_assert_max_num_queries(8):
            client.get(url)
