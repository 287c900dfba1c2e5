"""What is done with the list: kept filters, the export, notices once more, and what comes in by itself."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Domain, User
from activity.models import Entry as Told
from delivery.models import Entry, NoticeAgain, SavedFilter, Status
from delivery.services import saved
from notices.composing import compose
from notices.models import Notice
from provision.models import Node
from tests.delivery.conftest import owner
from tests.delivery.rows import entry_make
from tests.factories import (
    MailboxFactory,
    MailDomainFactory,
    MembershipFactory,
    ResellerFactory,
    UserFactory,
)

SignIn = Callable[[User], Client]
TRACK = "/domains/luna.test/track/"


@pytest.fixture
def client_of_luna(luna: Domain, signed_in: SignIn) -> Client:
    return signed_in(owner(luna))


def page_of(client: Client, **asked: Any) -> str:
    return str(client.get(TRACK, asked, secure=True).content.decode())


# ---- kept filters


def keep(client: Client, name: str, query: str, path: str = TRACK) -> Any:
    return client.post(f"{path}filters/", {"name": name, "query": query}, secure=True)


def test_a_filter_is_kept_shown_replaced_and_deleted(luna: Domain, client_of_luna: Client) -> None:
    answer = keep(client_of_luna, "Failed ones", "?status=4&status=3&q=ana&nonsense=1&since=31/31&before=7")
    assert answer.headers["Location"] == f"{TRACK}?q=ana&status=4&status=3"
    assert 'href="?q=ana&amp;status=4&amp;status=3"' in page_of(client_of_luna)
    keep(client_of_luna, "Failed ones", "?status=4")
    one = SavedFilter.objects.get()
    assert (one.query, one.domain, one.user) == ("status=4", luna, owner(luna))
    client_of_luna.post(f"{TRACK}filters/{one.pk}/delete/", secure=True)
    assert not SavedFilter.objects.exists()


def test_a_filter_is_ones_own(luna: Domain, client_of_luna: Client) -> None:
    other = MembershipFactory.create(account=luna.account, role="owner").user
    theirs = saved.filter_save(actor=other, domain=luna, name="Secret name", query="status=4")
    assert "Secret name" not in page_of(client_of_luna)
    assert client_of_luna.post(f"{TRACK}filters/{theirs.pk}/delete/", secure=True).status_code == 404
    assert SavedFilter.objects.filter(pk=theirs.pk).exists()


def test_thirty_filters_and_none_without_a_choice_or_a_name(luna: Domain, client_of_luna: Client) -> None:
    for number in range(32):
        keep(client_of_luna, f"n{number}", "q=a", "/track/" if number % 2 else TRACK)
    assert SavedFilter.objects.count() == saved.MOST
    SavedFilter.objects.all().delete()
    for name, query in (("x", ""), ("x", "nonsense=1"), ("", "q=a"), ("x" * 61, "q=a"), ("x\0", "q=a")):
        keep(client_of_luna, name, query)
    assert not SavedFilter.objects.exists()


# ---- export


def test_the_export_is_the_list_and_no_formula(node: Node, luna: Domain, client_of_luna: Client) -> None:
    formula = "=HYPERLINK(1)"
    row = entry_make(
        luna.pk, node=node, subject=formula, sender="+1@far.test", reply='550 "no", 5.1.1', status=4,
        direction=2, dsn="5.1.1", server="@SUM(1)", size=77,
    )  # fmt: skip
    lead = entry_make(luna.pk, node=node, status=5, subject=None, queue_id="", alike=1)
    entry_make(luna.pk, node=node, status=5, subject=None, queue_id="", lead_id=lead.pk)
    answer = client_of_luna.get(f"{TRACK}export/", secure=True)
    assert answer.streaming
    text = b"".join(answer).decode()
    assert not text.startswith("\ufeff")
    heads, *rows = csv.reader(io.StringIO(text))
    assert heads[0] == "Time"
    assert heads[-1] == "Message ID"
    assert len(rows) == 3
    mine = dict(zip(heads, rows[-1], strict=True))
    assert mine["Time"] == timezone.localtime(row.at).isoformat(timespec="milliseconds")
    assert (mine["Subject"], mine["From"], mine["Server"]) == (f"'{formula}", "'+1@far.test", "'@SUM(1)")
    assert (mine["Direction"], mine["Status"], mine["Size in bytes"]) == ("Outgoing", "Failed", "77")
    assert (mine["Answer"], mine["Queue ID"]) == ('550 "no", 5.1.1', row.queue_id)
    assert mine["Reason"]
    some = client_of_luna.get(f"{TRACK}export/", {"status": 4}, secure=True)
    assert b"".join(some).count(b"\r\n") == 2


def test_the_export_goes_on_over_its_shares(
    node: Node, luna: Domain, client_of_luna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.export.AT_ONCE", 2)
    made = [entry_make(luna.pk, node=node, subject=f"s{n}", at=timezone.now() - timedelta(seconds=9 - n))
            for n in range(5)]  # fmt: skip
    text = b"".join(client_of_luna.get(f"{TRACK}export/", secure=True)).decode()
    assert re.findall(r",(s\d),", text) == [row.subject for row in reversed(made)]


# ---- notices once more


@pytest.fixture
def failed(node: Node, luna: Domain) -> Entry:
    MailboxFactory.create(mail_domain=MailDomainFactory.create(domain=luna), local="ana")
    return entry_make(
        luna.pk, node=node, direction=2, status=Status.FAILED, login="ana@luna.test", sender="x@luna.test",
        address="no@far.test", subject="Pedido <b>", dsn="5.1.1", reply="550 5.1.1 no such user",
    )  # fmt: skip


def tell(client: Client, *rows: Entry | int, path: str = TRACK) -> str:
    picked = [row if isinstance(row, int) else row.pk for row in rows]
    answer = client.post(f"{path}notices/", {"picked": picked, "back": "?q=a"}, secure=True, follow=True)
    assert answer.redirect_chain == [(f"{path}?q=a", 302)]
    return str(answer.content.decode())


def test_the_sender_hears_once_more_and_activity_says_so(failed: Entry, client_of_luna: Client) -> None:
    assert f'value="{failed.pk}"' in page_of(client_of_luna)
    assert "told once more" in tell(client_of_luna, failed)
    notice = Notice.objects.get(kind="undelivered")
    assert notice.to == "ana@luna.test"
    mail = compose(notice)
    assert mail is not None
    assert mail.subject == "Not delivered: Pedido <b>"
    html = str(mail.alternatives[0][0])
    for text in ("no@far.test", "There is no such address there."):
        assert text in mail.body
        assert text in html
    assert "<b></td>" not in html
    told = Told.objects.get(model="delivery.noticeagain")
    assert (told.name, told.domain_name, told.who) == ("ana@luna.test", "luna.test", owner_email(failed))


def owner_email(row: Entry) -> str:
    return str(owner(Domain.objects.get(pk=row.domain_id or 0)).email)


def test_once_an_hour_and_the_rest_is_left_out_with_its_reason(
    node: Node, luna: Domain, failed: Entry, client_of_luna: Client
) -> None:
    tell(client_of_luna, failed)
    assert "less than an hour ago" in tell(client_of_luna, failed)
    assert Notice.objects.filter(kind="undelivered").count() == 1
    NoticeAgain.objects.update(at=timezone.now() - timedelta(hours=1, seconds=1))
    came = entry_make(luna.pk, node=node, status=Status.FAILED)
    sent = entry_make(luna.pk, node=node, direction=2, login="ana@luna.test")
    gone = entry_make(luna.pk, node=node, direction=2, status=4, login="gone@luna.test")
    page = tell(client_of_luna, failed, came, sent, gone)
    assert "2: not a mail that was sent from here and failed" in page
    assert "1: its sender has no mailbox in this domain" in page
    assert Notice.objects.filter(kind="undelivered").count() == 2
    assert "Nothing was chosen" in tell(client_of_luna)
    assert "At most 100 at once" in tell(client_of_luna, *range(1, 102))


def test_nobody_elses_senders_are_told(
    node: Node, luna: Domain, sol: Domain, failed: Entry, signed_in: SignIn
) -> None:
    client = signed_in(owner(sol))
    assert client.post(f"{TRACK}notices/", {"picked": [failed.pk]}, secure=True).status_code == 404
    for path in ("/track/", "/domains/sol.test/track/"):
        assert "Nothing was chosen" in tell(client, failed, path=path)
    # Of a mailbox of another domain, though the row is one's own.
    mine = entry_make(sol.pk, node=node, direction=2, status=4, sender="ana@luna.test")
    assert "no mailbox in this domain" in tell(client, mine, path="/track/")
    reader = MembershipFactory.create(account=luna.account, role="reader").user
    client = signed_in(reader)
    assert 'name="picked"' not in page_of(client)
    assert client.post(f"{TRACK}notices/", {"picked": [failed.pk]}, secure=True).status_code == 403
    assert not Notice.objects.filter(kind="undelivered").exists()


def test_whoever_may_manage_the_domain_tells(luna: Domain, failed: Entry, signed_in: SignIn) -> None:
    """The provider, the reseller above, and a manager of this domain alone."""
    reseller = ResellerFactory.create()
    luna.account.reseller = reseller
    luna.account.save()
    here = MembershipFactory.create(account=luna.account, role="manager", all_domains=False)
    here.scopes.create(domain=luna)
    people = [
        here.user,
        MembershipFactory.create(account=reseller).user,
        UserFactory.create(is_staff=True, is_superuser=True),
    ]
    for told, user in enumerate(people, 1):
        NoticeAgain.objects.update(at=timezone.now() - timedelta(hours=2))
        path = TRACK if told % 2 else "/track/"
        assert "told once more" in tell(signed_in(user), failed, path=path)
        assert Notice.objects.filter(kind="undelivered").count() == told


# ---- news


def asked(page: str) -> str:
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found
    return found[1].replace("&amp;", "&")


def test_a_line_that_came_late_is_in_the_news(node: Node, luna: Domain, client_of_luna: Client) -> None:
    old = timezone.now() - timedelta(minutes=2)
    entry_make(luna.pk, node=node, subject="first", changed_at=old)
    url = asked(page_of(client_of_luna))
    assert client_of_luna.get(url, secure=True).status_code == 204
    before, changed = timezone.now() - timedelta(minutes=9), old - timedelta(seconds=20)
    late = entry_make(luna.pk, node=node, subject="late", at=before, changed_at=changed)
    news = client_of_luna.get(url, secure=True).content.decode()
    assert f'id="e{late.pk}"' in news
    ids = re.search(r'data-ids="([\d ]+)"', news)
    assert ids
    assert ids[1].split() == [str(pk) for pk in Entry.objects.order_by("-pk").values_list("pk", flat=True)]
    assert client_of_luna.get(asked(news), secure=True).status_code == 204


def test_what_no_longer_fits_goes(node: Node, luna: Domain, client_of_luna: Client) -> None:
    stays = entry_make(luna.pk, node=node, status=Status.DEFERRED)
    goes = entry_make(luna.pk, node=node, status=Status.DEFERRED)
    url = asked(page_of(client_of_luna, status=3))
    Entry.objects.filter(pk=goes.pk).update(status=2, changed_at=timezone.now())
    news = client_of_luna.get(url, secure=True).content.decode()
    assert f'data-ids="{stays.pk}"' in news
    Entry.objects.filter(pk=stays.pk).update(status=2, changed_at=timezone.now())
    assert client_of_luna.get(asked(news), secure=True).headers["HX-Refresh"] == "true"


def test_the_first_row_draws_the_page(node: Node, luna: Domain, client_of_luna: Client) -> None:
    url = asked(page_of(client_of_luna))
    assert client_of_luna.get(url, secure=True).status_code == 204
    entry_make(luna.pk, node=node)
    answer = client_of_luna.get(url, secure=True)
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


# ---- a mailbox's own


def test_a_mailbox_finds_its_own_mail_alone(
    node: Node, luna: Domain, failed: Entry, client_of_luna: Client
) -> None:
    words = "'ana@luna.test' 'hola'"
    since = timezone.now() + timedelta(seconds=1)
    entry_make(luna.pk, node=node, address="ana@luna.test", subject="Hola", words=words, at=since)
    entry_make(
        luna.pk,
        node=node,
        address="ben@luna.test",
        subject="Hola Ben",
        words="'ben@luna.test' 'hola'",
        at=since,
    )
    path = "/domains/luna.test/mailboxes/ana/deliveries/"
    asked_for: list[tuple[dict[str, Any], bool]] = [
        ({"q": "hola"}, True),
        ({"q": "nothing"}, False),
        ({"status": 3}, False),
        ({"way": 1}, True),
        ({"way": 2}, False),
        ({"way": 3}, False),
        ({"since": "x"}, True),
        ({"days": 7}, True),
    ]
    for query, found in asked_for:
        page = client_of_luna.get(path, query, secure=True).content.decode()
        assert (">Hola<" in page) is found, query
        assert "Hola Ben" not in page
