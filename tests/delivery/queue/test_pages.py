"""Mail Queue: whose mail is listed, what is done to it, what is said and written down."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from activity.models import Entry
from activity.sentences import sentence
from delivery.models import QueueAction
from delivery.queue.rows import age
from tests import factories
from tests.delivery.queue.conftest import REASON, House, Nodes, house, mail

pytestmark = pytest.mark.django_db

BROKEN = ["older=x", "id=../../etc", "state=everything", "to=" + "x" * 999, "to=%00"]
ODD = ["to=(a%2B)%2B$", "why=%25%25%25", "sender=%27%3B--", "after=9-x", "node=nowhere"]
NONE: list[dict[str, str]] = [{}, {"do": "hold"}, {"do": "burn", "all": "1"}, {"do": "hold", "id": "x-y"}]


def page(who: Any, url: str, status: int = 200) -> str:
    client = Client()
    client.force_login(who)
    answer = client.get(url)
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


def do(who: Any, url: str, **data: Any) -> Any:
    client = Client()
    client.force_login(who)
    return client.post(url, data, follow=True)


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


@pytest.fixture
def url(luna: House) -> str:
    return reverse("queue", args=["luna.test"])


@pytest.fixture
def do_url(luna: House) -> str:
    return reverse("queue-do", args=["luna.test"])


def test_a_domain_lists_what_it_sent_and_nothing_else(
    luna: House, sol: House, nodes: Nodes, url: str
) -> None:
    nodes.put(luna.node, mail(1), mail(2, "ben@sol.test"))
    nodes.put(luna.node, mail(3), login="")  # from outside, with a sender of ours
    nodes.put(luna.node, mail(4), login="ben@sol.test")
    shown = page(luna.owner, url)
    assert "to1@" in shown
    assert not [n for n in (2, 3, 4) if f"to{n}@" in shown]
    assert "1 mail, 1000 bytes" in shown
    theirs = page(sol.owner, reverse("queue", args=["sol.test"]))
    assert [n for n in (1, 2, 3, 4) if f"to{n}@" in theirs] == [2, 4]


def test_who_is_not_of_the_domain_gets_what_is_not_there(luna: House, sol: House, nodes: Nodes) -> None:
    page(sol.owner, reverse("queue", args=["luna.test"]), 404)
    there = reverse("queue-do", args=["luna.test"])
    assert do(sol.owner, there, do="delete", all="1", sure="1").status_code == 404
    page(luna.owner, reverse("queue-headers", args=["mail1", "4abcdef001"]), 404)
    assert nodes.asked == []


def test_anothers_mail_is_not_changed_by_its_id(luna: House, sol: House, nodes: Nodes, do_url: str) -> None:
    queue = nodes.put(luna.node, mail(1), mail(2, "ben@sol.test"))
    picks = [f"{luna.node.pk}-4abcdef00{n}" for n in (1, 2)]
    assert "1 mail is held" in text(do(luna.owner, do_url, do="hold", id=picks))
    assert queue.ran == [("hold", ["4abcdef001"])]
    answer = do(luna.owner, do_url, do="delete", id=picks[1], sure="1")
    assert "none of these mails is in the queue" in text(answer)
    assert "4abcdef002" in queue.mails


def test_a_mail_from_before_the_domain_was_theirs_is_not_shown(luna: House, nodes: Nodes, url: str) -> None:
    nodes.put(luna.node, mail(1, arrival_time=1_000_000_000))
    assert "Nothing waits" in page(luna.owner, url)


def test_deletion_asks_first_and_names_what_is_lost(luna: House, nodes: Nodes, do_url: str) -> None:
    queue = nodes.put(luna.node, mail(1), mail(2))
    pick = f"{luna.node.pk}-4abcdef001"
    asks = text(do(luna.owner, do_url, do="delete", id=pick))
    assert "Delete 1 waiting mail?" in asks
    assert "to1" in asks
    assert "to2" not in asks
    assert queue.ran == []
    done = do(luna.owner, do_url, do="delete", id=pick, sure="1")
    assert "1 mail is deleted and no longer in the queue." in text(done)
    assert list(queue.mails) == ["4abcdef002"]


def test_all_that_match_the_filter(luna: House, nodes: Nodes, do_url: str) -> None:
    queue = nodes.put(luna.node, *(mail(n) for n in range(1, 8)), mail(9, queue_name="hold"))
    answer = do(luna.owner, f"{do_url}?to=to3@far.test", do="hold", all="1")
    assert "1 mail is held" in text(answer)
    assert "Delete 2 waiting mails?" in text(do(luna.owner, f"{do_url}?state=hold", do="delete", all="1"))
    do(luna.owner, f"{do_url}?state=hold", do="release", all="1")
    assert queue.ran[-1] == ("release", ["4abcdef003", "4abcdef009"])


@pytest.mark.parametrize("query", BROKEN)
def test_a_broken_filter_widens_nothing(luna: House, nodes: Nodes, url: str, do_url: str, query: str) -> None:
    queue = nodes.put(luna.node, mail(1))
    assert "A part of the filter was left out." in page(luna.owner, f"{url}?{query}")
    do(luna.owner, f"{do_url}?{query}", do="delete", all="1", sure="1")
    assert queue.ran == []


@pytest.mark.parametrize("query", ODD)
def test_patterns_are_texts(luna: House, nodes: Nodes, url: str, query: str) -> None:
    nodes.put(luna.node, mail(1))
    page(luna.owner, f"{url}?{query}")


@pytest.mark.parametrize("data", NONE)
def test_nothing_chosen_changes_nothing(luna: House, nodes: Nodes, do_url: str, data: dict[str, str]) -> None:
    queue = nodes.put(luna.node, mail(1))
    assert do(luna.owner, do_url, **data).status_code == 200
    assert queue.ran == []


def test_what_strangers_write_is_inert(luna: House, nodes: Nodes, url: str) -> None:
    bad = '"><script>alert(1)</script>'
    waits = [{"address": f"{bad}@far.test", "delay_reason": f"\x1b[31m{bad}"}]
    nodes.put(luna.node, mail(1, recipients=waits), mail(2, f"{bad}@luna.test"))
    client = Client()
    client.force_login(luna.owner)
    assert "<script>alert" not in client.get(url).content.decode()


def test_pages_go_on_over_two_nodes(luna: House, nodes: Nodes, url: str) -> None:
    other = house("mare.test", "mail2")
    other.domain.account = luna.domain.account
    other.domain.save()
    nodes.put(luna.node, *(mail(n) for n in range(0, 80, 2)))
    nodes.put(other.node, *(mail(n, "ana@mare.test") for n in range(1, 80, 2)))
    first = page(luna.owner, reverse("queue-all"))
    assert "80 mails" in first
    seen = [n for n in range(80) if f"to{n}<" in first or f"to{n}@" in first]
    assert seen == list(range(50))
    last = page(luna.owner, reverse("queue-all") + f"?after={mail(49)['arrival_time']}-4abcdef049")
    assert [n for n in range(80) if f"to{n}@" in last or f"to{n}<" in last] == list(range(50, 80))


def test_a_silent_node_is_said_and_the_others_are_shown(luna: House, nodes: Nodes) -> None:
    other = house("mare.test", "mail2")
    other.domain.account = luna.domain.account
    other.domain.save()
    nodes.put(luna.node, mail(1))
    shown = page(luna.owner, reverse("queue-all"))
    assert "What waits on mail2 is not shown." in shown
    assert "to1" in shown


def test_a_change_is_in_the_activity_of_the_domain(luna: House, nodes: Nodes, do_url: str) -> None:
    nodes.put(luna.node, mail(1), mail(2))
    do(luna.owner, do_url, do="hold", all="1")
    (row,) = QueueAction.objects.visible_to(luna.owner)
    assert (row.domain_id, row.node, row.did, row.done, row.proven) == (luna.domain.pk, "mail1", "hold", 2, 2)
    entry = Entry.objects.filter(model="delivery.queueaction").latest("pk")
    assert entry.domain_name == "luna.test"
    assert entry.account_id == luna.domain.account_id
    said = sentence(entry)
    assert "chose “Hold” for 2 waiting mails on mail1" in said
    assert "ana@luna.test → to1@far.test" in said


def test_what_was_asked_of_a_silent_node_is_written_down_too(luna: House, nodes: Nodes, do_url: str) -> None:
    shown = text(do(luna.owner, do_url, do="hold", all="1"))
    assert "mail1 gave no answer" in shown
    (row,) = QueueAction.objects.all()
    assert row.done is None
    entry = Entry.objects.filter(model="delivery.queueaction").latest("pk")
    assert "which gave no answer" in sentence(entry)


def test_the_provider_sees_all_mail_and_its_headers(luna: House, nodes: Nodes) -> None:
    boss = factories.UserFactory.create(is_superuser=True, is_staff=True)
    nodes.put(luna.node, mail(1), mail(2, ""), mail(3, "x@outside.test"))
    nodes.logins |= {"4abcdef003": ""}
    shown = page(boss, reverse("queue-all"))
    assert "3 mails" in shown
    head = Client()
    head.force_login(boss)
    answer = head.get(reverse("queue-headers", args=["mail1", "4abcdef003"])).content.decode()
    assert "Subject: &lt;script&gt;" in answer
    do(boss, reverse("queue-all-do"), do="delete", all="1", sure="1")
    rows = {(row.domain_id, row.done) for row in QueueAction.objects.all()}
    assert rows == {(luna.domain.pk, 1), (None, 2)}


def test_the_list_costs_few_queries(
    luna: House, nodes: Nodes, url: str, django_assert_max_num_queries: Any
) -> None:
    nodes.put(luna.node, *(mail(n) for n in range(60)))
    client = Client()
    client.force_login(luna.owner)
    client.get(url)
    with django_assert_max_num_queries(14):
        assert client.get(url).status_code == 200


def test_who_may_only_read_sees_the_list_without_buttons(
    luna: House, nodes: Nodes, url: str, do_url: str
) -> None:
    queue = nodes.put(luna.node, mail(1))
    reader = factories.MembershipFactory.create(account=luna.domain.account, role="reader").user
    shown = page(reader, url)
    assert "to1" in shown
    assert "Deliver now" not in shown
    assert do(reader, do_url, do="hold", all="1").status_code == 403
    assert queue.ran == []


def test_the_desk_leads_to_the_queues(luna: House) -> None:
    boss = factories.UserFactory.create(is_superuser=True, is_staff=True)
    assert reverse("queue-all") in page(boss, reverse("admin:index"))


def test_ages() -> None:
    assert [age(n) for n in (5, 300, 7260, 200_000)] == ["under a minute", "5 min", "2 h 1 min", "2 d 7 h"]


def test_where_an_alias_of_somebody_else_leads_stays_hidden(luna: House, nodes: Nodes) -> None:
    """Also from who searches for it, holds it or tries it."""
    said = "host gmail-smtp-in.l.google.com[192.0.2.9] said: 452 4.2.2 secret@gmail.example is full"
    hidden = [{"address": to, "delay_reason": said} for to in ("secret@gmail.example", "other@gmail.example")]
    nodes.put(luna.node, mail(1, recipients=[*hidden, {"address": "open@far.test", "delay_reason": REASON}]))
    nodes.aliases |= {"secret@gmail.example": "all@sol.test", "other@gmail.example": "all@sol.test"}
    url = "/domains/luna.test/queue/"
    shown = page(luna.owner, url)
    assert "all@" in shown
    assert "open" in shown
    assert "gmail" not in shown
    assert "secret" not in shown
    for query in ("to=secret", "to=@gmail.example", "why=google", "why=full"):
        assert "all@" not in page(luna.owner, f"{url}?{query}")
    assert "all@" in page(luna.owner, f"{url}?to=@sol.test")
    do(luna.owner, f"{url}do/", do="hold", all="1")
    assert "gmail" not in QueueAction.objects.get().title
    assert "secret@" in page(factories.UserFactory.create(is_staff=True, is_superuser=True), "/queue/")
