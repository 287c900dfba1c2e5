"""Storage: history, what takes the room, clean-ups, what a sender is told."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lib.errors import Denied, Refused
from lib.passwords import hash_mailbox_password
from mailboxes.jobs.services import job_cancel
from mailboxes.models import CleanUp, DomainStorageDay, Job, Mailbox, StorageDay
from mailboxes.services import usage
from mailboxes.services.usage import storage_days_keep, today, usage_store
from mailboxes.storage import services
from mailboxes.storage.selectors import HEIGHT, SHOWN, chart, mailbox_chart
from mailboxes.storage.services import Choice, clean_up_preview, clean_up_start
from provision import asking
from provision.asking import NodeSilent
from tests import factories
from tests.mailboxes.conftest import World, signed_in

pytestmark = pytest.mark.django_db
MB = 1_048_576
GUID = "0123456789abcdef" * 2
HOSTILE = "<script>alert(1)</script>"
PAGE = "/domains/example.test/mailboxes/ana/storage/"
FOUND = {
    "mails": 3,
    "bytes": 5 * MB,
    "bounds": {GUID: [7, 12]},
    "folders": [["Trash", 3, 5 * MB]],
    "first": [{"from": HOSTILE, "subject": HOSTILE, "at": 1_700_000_000, "bytes": 99, "folder": HOSTILE}],
}


@pytest.fixture
def box(world: World) -> Mailbox:
    box: Mailbox = factories.MailboxFactory.create(mail_domain=world.mail, local="ana", quota_mb=10)
    return box


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What nodes were asked; ``asked["answer"]`` is what they say, an exception is raised."""
    seen: dict[str, Any] = {"answer": FOUND}

    def ask(node: Any, what: str, **args: Any) -> Any:
        seen[what] = args
        if isinstance(seen["answer"], Exception):
            raise seen["answer"]
        return seen["answer"]

    monkeypatch.setattr(asking, "ask", ask)
    return seen


def measured(box: Mailbox, used: int, messages: int = 1) -> None:
    row = {"address": box.address, "used_bytes": used, "messages": messages}
    usage_store(box.mail_domain.node, [row])  # type: ignore[list-item]  # a plain dict is one


def test_the_last_measure_of_a_day_is_kept(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, used, messages in ((1, 5, 1), (1, 3, 2), (2, 4, 1)):
        monkeypatch.setattr(usage, "today", lambda day=day: dt.date(2026, 3, day))
        measured(box, used * MB, messages)
    rows = StorageDay.objects.order_by("day").values_list("day", "used_bytes", "messages")
    assert list(rows) == [(dt.date(2026, 3, 1), 3 * MB, 2), (dt.date(2026, 3, 2), 4 * MB, 1)]


def test_another_node_speaks_for_nobody_here(box: Mailbox) -> None:
    other = factories.NodeFactory.create(name="mail2")
    usage_store(other, [{"address": box.address, "used_bytes": 5, "messages": 1}])
    assert not StorageDay.objects.exists()


def test_a_report_of_many_is_one_statement(world: World, django_assert_num_queries: Any) -> None:
    boxes = factories.MailboxFactory.create_batch(5, mail_domain=world.mail)
    rows: Any = [{"address": one.address, "used_bytes": 7, "messages": 1} for one in boxes]
    with django_assert_num_queries(1):
        usage_store(world.mail.node, rows)
    assert StorageDay.objects.count() == 5


def test_days_of_domains_are_kept_and_no_more_than_400(box: Mailbox) -> None:
    measured(box, 6 * MB)
    StorageDay.objects.create(mailbox=box, day=today() - dt.timedelta(days=401), used_bytes=1, messages=1)
    old = StorageDay.objects.create(
        mailbox=box, day=today() - dt.timedelta(days=399), used_bytes=1, messages=1
    )
    assert storage_days_keep() == 1
    assert storage_days_keep() == 0
    assert StorageDay.objects.filter(pk=old.pk).exists()
    day = DomainStorageDay.objects.get()
    assert (day.day, day.used_bytes, day.quota_mb) == (today(), 6 * MB, 10)


def test_the_chart_stays_in_its_frame() -> None:
    days = [(today() - dt.timedelta(days=n), n * MB) for n in range(SHOWN.days)]
    drawn = chart(days[::-1], 50)
    assert len(drawn.bars) == SHOWN.days
    assert all(0 <= bar.y <= HEIGHT and bar.x >= 0 and bar.x + bar.width <= 720 for bar in drawn.bars)
    assert drawn.limit is not None
    assert 0 <= drawn.limit <= HEIGHT
    assert chart(days, 100_000).limit is None
    assert chart([], 1).bars == []


def test_the_page_has_the_history_as_a_table_too(owner_client: Client, box: Mailbox) -> None:
    measured(box, 5 * MB)
    text = owner_client.get(PAGE).content.decode()
    assert mailbox_chart(box).bars[0].mb == 5
    assert '<svg class="use-chart"' in text
    assert re.search(r"<th scope=\"row\">\s*\d+ \w+ \d+\s*</th>", text)
    assert "style=" not in text
    assert "This mailbox is full" not in text


def test_a_full_mailbox_says_so(owner_client: Client, box: Mailbox) -> None:
    measured(box, 10 * MB)
    assert "This mailbox is full" in owner_client.get(PAGE).content.decode()


def test_the_domain_shows_its_largest_mailboxes(owner_client: Client, box: Mailbox) -> None:
    measured(box, 5 * MB)
    storage_days_keep()
    text = owner_client.get("/domains/example.test/storage/").content.decode()
    assert PAGE in text
    assert "use-chart" in text


def test_an_outsider_finds_nothing(world: World, box: Mailbox, asked: dict[str, Any]) -> None:
    stranger = signed_in(world.stranger)
    for path in (
        PAGE,
        f"{PAGE}largest/",
        f"{PAGE}sender/",
        f"{PAGE}clean/",
        "/domains/example.test/storage/",
    ):
        for method in (stranger.get, stranger.post):
            assert method(path).status_code == 404
    with pytest.raises(Denied):
        clean_up_preview(actor=world.stranger, mailbox=box, choice=Choice(what="trash"))
    assert set(asked) == {"answer"}


def test_what_takes_the_room_is_shown_as_text(
    owner_client: Client, box: Mailbox, asked: dict[str, Any]
) -> None:
    row = {"name": HOSTILE, "messages": 2, "bytes": 3 * MB}
    asked["answer"] = {"folders": [row], "senders": [row], "of": {"mails": 2, "bytes": 3, "all": 2}}
    whole = owner_client.get(f"{PAGE}largest/").content.decode()
    part = owner_client.get(f"{PAGE}largest/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    for text in (whole, part):
        assert HOSTILE not in text
        assert html.escape(HOSTILE) in text
    asked["answer"] = NodeSilent("It sleeps.")
    assert "It sleeps." in owner_client.get(f"{PAGE}largest/").content.decode()


def test_what_a_sender_is_told(owner_client: Client, box: Mailbox, asked: dict[str, Any]) -> None:
    asked["answer"] = ""
    assert "There is room" in owner_client.get(f"{PAGE}sender/").content.decode()
    asked["answer"] = "552 5.2.2 <ana@example.test>: Recipient address rejected: Mailbox is full"
    assert "552 5.2.2 &lt;ana@" in owner_client.get(f"{PAGE}sender/").content.decode()


def test_what_was_looked_at_goes_and_nothing_else(
    owner_client: Client, box: Mailbox, asked: dict[str, Any], pushed: Callable[[str], Any]
) -> None:
    page = owner_client.get(f"{PAGE}clean/?what=old&days=30&folder=INBOX&for_good=1").content.decode()
    assert HOSTILE not in page
    assert "Remove 3 mails for good" in page
    assert not Job.objects.exists()
    before = asked["storage_clean_preview"]["before"]
    assert abs(before - (timezone.now() - dt.timedelta(days=30)).timestamp()) < 60
    assert asked["storage_clean_preview"] == {
        "address": box.address, "clean": "old", "folder": "INBOX", "before": before, "over": 0,
    }  # fmt: skip
    token = html.unescape(re.findall(r'name="token"\s+value="([^"]+)"', page)[0])
    assert owner_client.post(f"{PAGE}clean/", {"token": token}).status_code == 302
    row = CleanUp.objects.get()
    assert pushed(f"job/{row.job.ident}")["args"] == {
        "address": box.address, "clean": "old", "folder": "INBOX", "before": before, "over": 0,
        "to_trash": False, "bounds": {GUID: [7, 12]}, "total": 3,
    }  # fmt: skip
    assert f"job-{row.job.ident}" in owner_client.get(PAGE).content.decode()


def test_a_look_holds_for_an_hour_for_its_mailbox_and_once(
    world: World, box: Mailbox, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.MailboxFactory.create(mail_domain=world.mail)
    token = clean_up_preview(actor=world.owner, mailbox=box, choice=Choice(what="trash")).token
    for mailbox, text in ((other, token), (box, token[:-2] + "xx"), (box, ""), (box, "a" * 9999)):
        with pytest.raises(Refused, match="too old"):
            clean_up_start(actor=world.owner, mailbox=mailbox, token=text)
    row = clean_up_start(actor=world.owner, mailbox=box, token=token)
    with pytest.raises(Refused, match="under way"):
        clean_up_start(actor=world.owner, mailbox=box, token=token)
    job_cancel(actor=world.owner, job=row.job)
    with pytest.raises(Denied):
        clean_up_start(actor=world.stranger, mailbox=box, token=token)
    monkeypatch.setattr(services, "LOOK_HOLDS", dt.timedelta(seconds=-1))
    with pytest.raises(Refused, match="too old"):
        clean_up_start(actor=world.owner, mailbox=box, token=token)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "what=all",
        "what=old",
        "what=old&days=1e9",
        "what=big&over_mb=-1",
        "what=big",
        "what=old&days=30&folder=%00",
        "what=old&days=30&folder=%ED%A0%80&for_good=2",
    ],
)
def test_a_wrong_choice_is_an_error_at_its_field(
    owner_client: Client, box: Mailbox, asked: dict[str, Any], query: str
) -> None:
    answer = owner_client.get(f"{PAGE}clean/?{query}")
    assert answer.status_code == 200
    assert "What goes" not in answer.content.decode()
    assert set(asked) == {"answer"}


def test_its_own_user_sees_and_cleans_it_without_the_quota(box: Mailbox, asked: dict[str, Any]) -> None:
    box.password_hash = hash_mailbox_password("buzon-secreto-42")
    box.save(update_fields=["password_hash"])
    client = Client()
    client.post("/accounts/login/", {"login": box.address, "password": "buzon-secreto-42"})
    text = client.get("/mailbox/storage/").content.decode()
    assert "Show what goes" in text
    assert "quota/" not in text
    page = client.get("/mailbox/storage/clean/?what=trash").content.decode()
    token = html.unescape(re.findall(r'name="token"\s+value="([^"]+)"', page)[0])
    assert client.post("/mailbox/storage/clean/", {"token": token}).status_code == 302
    assert CleanUp.objects.get().mailbox_id == box.pk


def test_the_folder_is_chosen_of_those_that_are_there(
    world: World, box: Mailbox, owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ask", lambda _node, what, **_args: ["INBOX", "<b>"] if what else [])
    page = owner_client.get(f"{PAGE}clean/?folders=1").text
    assert '<option value="INBOX">' in page
    assert "&lt;b&gt;" in page

    def silent(*_who: Any, **_what: Any) -> Any:
        raise NodeSilent("away")

    monkeypatch.setattr(asking, "ask", silent)
    assert '<input type="text" name="folder"' in owner_client.get(f"{PAGE}clean/?folders=1").text


def test_each_field_of_the_clean_up_has_its_own_name(
    world: World, box: Mailbox, owner_client: Client
) -> None:
    page = owner_client.get(PAGE).text
    assert "Older than" in page
    assert "Larger than" in page
    assert "Storage used, day by day <span" not in page
