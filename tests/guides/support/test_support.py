"""Contact support: what is attached is what was shown, and only what the person may see."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.branding import select
from accounts.models import Brand
from guides.models import SupportRequest
from guides.support import services
from guides.support.about import About
from lib import passwords
from lib.errors import Refused
from mailboxes.models import Mailbox
from notices.models import Notice
from notices.services import notices_deliver
from tests.factories import AccountFactory, MailboxFactory, MailDomainFactory, ResellerFactory
from tests.mailboxes.test_own import PASSWORD, inside
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db
URL = "/support/"


@pytest.fixture(autouse=True)
def _address(settings: Any) -> None:
    settings.SUPPORT_EMAIL = "help@provider.test"


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.fixture
def box(ines: Person) -> Mailbox:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    made: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana")
    return made


def shown(client: Client, url: str) -> str:
    html = client.get(url).content.decode()
    found = re.search(r'name="shown" value="([^"]+)"', html)
    assert found
    return found[1]


def ask(
    client: Client, url: str = f"{URL}?about=guide:thunderbird&mailbox=ana@luna.test", **more: Any
) -> Any:
    data = {
        "text": "It does not work.",
        "shown": shown(client, url),
        "attach": ["page", "settings"],
        "mailbox": "ana@luna.test",
    }
    return client.post(url, data | more)


def test_a_question_goes_to_support_with_a_copy(ines: Person, box: Mailbox, mailoutbox: Any) -> None:
    answer = ask(ines.client, text="Hola\n<b>x</b> https://evil.example/", about="guide:thunderbird")
    row = SupportRequest.objects.get()
    assert answer["Location"].endswith(row.reference)
    assert row.to == "help@provider.test"
    notices_deliver()
    to_support, copy = mailoutbox
    assert to_support.to == ["help@provider.test"]
    assert to_support.reply_to == [ines.user.email]
    assert copy.to == [ines.user.email]
    for mail in mailoutbox:
        assert row.reference in mail.subject
        assert "mail1.postroom.test 993" in mail.body
        assert "https://evil" not in mail.body
        assert "<b>" not in mail.alternatives[0][0]
    html = ines.client.get(answer["Location"]).content.decode()
    assert "on its way" in html
    assert "Sent" in html


def test_what_is_unticked_is_not_sent(ines: Person, box: Mailbox) -> None:
    ask(ines.client, attach=["page"])
    assert list(SupportRequest.objects.get().attached) == ["Where you came from"]
    assert "mail1.postroom.test" not in str(Notice.objects.first().context)  # type: ignore[union-attr]


def test_what_was_not_shown_is_not_sent(ines: Person, box: Mailbox) -> None:
    other = person()
    for stolen in ("nonsense", shown(other.client, URL), ""):
        answer = ask(ines.client, shown=stolen)
        assert answer.status_code == 200
    assert not SupportRequest.objects.exists()


def test_another_tenants_things_are_as_if_not_named(ines: Person, box: Mailbox) -> None:
    other = person()
    html = other.client.get(f"{URL}?mailbox=ana@luna.test&domain=luna.test&about=message:1").content.decode()
    assert "mail1.postroom.test" not in html
    assert "MX, SPF" not in html


def test_no_hash_or_token_is_shown(ines: Person, box: Mailbox) -> None:
    html = ines.client.get(f"{URL}?mailbox=ana@luna.test").content.decode()
    assert "ana@luna.test" in html
    assert "argon2" not in html.lower()


def test_only_so_many_an_hour(ines: Person, box: Mailbox) -> None:
    for _each in range(services.MOST):
        assert ask(ines.client).status_code == 302
    answer = ask(ines.client)
    assert answer.status_code == 200
    assert "within the hour" in answer.content.decode()
    SupportRequest.objects.update(created_at=timezone.now() - dt.timedelta(hours=1, seconds=1))
    assert ask(ines.client).status_code == 302


def test_a_mailbox_user_asks_the_brands_support(mailoutbox: Any) -> None:
    reseller = ResellerFactory.create()
    Brand.objects.create(account=reseller, name="Luna Mail", support_email="help@brand.test")
    select.forget()
    mail = MailDomainFactory.create(
        domain__account=AccountFactory.create(reseller=reseller), domain__name="luna.test"
    )
    MailboxFactory.create(
        mail_domain=mail, local="ana", password_hash=passwords.hash_mailbox_password(PASSWORD)
    )
    client = inside()
    assert client.get(URL).status_code == 404
    ask(client, reverse("own-support") + "?about=learn:mx")
    notices_deliver()
    assert [one.to for one in mailoutbox] == [["help@brand.test"], ["ana@luna.test"]]
    assert mailoutbox[0].reply_to == ["ana@luna.test"]
    assert "Luna Mail" in mailoutbox[0].body


def test_without_an_address_the_page_says_whom_to_ask(ines: Person, box: Mailbox, settings: Any) -> None:
    settings.SUPPORT_EMAIL = ""
    html = ines.client.get(URL).content.decode()
    assert "No support address is set up here" in html
    assert "<textarea" not in html
    with pytest.raises(Refused):
        services.support_ask(
            actor=ines.user,
            about=About(key="", title="", domain=None, mailbox=None, entry=None),
            text="x",
            attached=[],
            language="en",
        )


def test_the_providers_contact_is_asked_where_nobody_else_is_named(
    ines: Person, box: Mailbox, settings: Any
) -> None:
    settings.SUPPORT_EMAIL, settings.PROVIDER_CONTACT = "", "desk@provider.test"
    assert services.desk_of(ines.user).email == "desk@provider.test"
    assert "<textarea" in ines.client.get(URL).content.decode()


@pytest.mark.parametrize("text", ["", " ", "x" * 5001, "a\0b", "\ud800"])
def test_odd_texts_are_said_at_the_field(ines: Person, box: Mailbox, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    body = (
        b"text=" + b"".join(b"%%%02X" % byte for byte in data) + b"&shown=" + shown(ines.client, URL).encode()
    )
    answer = ines.client.post(URL, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 302, 400}
    assert answer.status_code != 302 or text == "\ud800"
    assert SupportRequest.objects.count() == (answer.status_code == 302)


@pytest.mark.parametrize(
    "about", ["message:99999999999999999999", "message:x", "%ED%A0%80", "<script>", "a" * 900]
)
def test_odd_subjects_are_text(ines: Person, box: Mailbox, about: str) -> None:
    answer = ines.client.get(f"{URL}?about={about}")
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()


def test_pages_ask_little(ines: Person, box: Mailbox, django_assert_max_num_queries: Any) -> None:
    url = f"{URL}?mailbox=ana@luna.test&about=guide:thunderbird"
    ask(ines.client)
    with django_assert_max_num_queries(11):  # no list: each part asks once, however much there is
        ines.client.get(url)
