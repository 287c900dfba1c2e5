"""The newest rows by a walk and then by the index of words: the same as one plain question gives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Domain
from delivery import paging, selectors
from delivery.models import Entry, Status
from delivery.selectors import TrackQuery
from provision.models import Node
from tests.delivery.conftest import Lines, owner
from tests.delivery.test_track import SignIn


@pytest.mark.parametrize("walk", [0, 1, 3, 100])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        (TrackQuery(q="ana@luna.test"), 12),
        (TrackQuery(q="third"), 4),
        (TrackQuery(cause="unknown-user"), 4),
        (TrackQuery(status=(int(Status.FAILED),)), 4),
        (TrackQuery(status=(int(Status.FAILED), int(Status.DELIVERED))), 12),
        (TrackQuery(q="third", status=(int(Status.DELIVERED),)), 0),
        (TrackQuery(q="nobody"), 0),
    ],
)
def test_walk_and_index_find_the_same(
    node: Node, luna: Domain, monkeypatch: pytest.MonkeyPatch, walk: int, query: TrackQuery, found: int
) -> None:
    monkeypatch.setattr(paging, "WALK", walk)
    for back in range(4):
        lines = Lines(timezone.now() - timedelta(hours=5 * back))
        for number in range(3):
            third = number == 2
            lines.mail(
                f"4jXFb45vvCzL{back}{number}z",
                sender="a@far.test",
                to="ana@luna.test",
                subject="The third" if third else "Another",
                status="bounced" if third else "sent",
                dsn="5.1.1" if third else "2.0.0",
                text="host x[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)"
                if third
                else "ok",
            )
        lines.take(node, file=f"f{back}")
    Domain.objects.filter(pk=luna.pk).update(created_at=timezone.now() - timedelta(days=9))
    page = selectors.page(owner(luna), luna, query)
    ids = [entry.pk for entry in page.entries]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == found
    assert ids == [entry.pk for entry in selectors.entries(owner(luna), luna, query).order_by("-pk")]
    assert [entry.pk for entry in selectors.page(owner(luna), None, query).entries] == ids
    assert Entry.objects.count() == 12


@pytest.mark.django_db(transaction=True)
def test_what_takes_too_long_ends_with_a_word_about_it(
    luna: Domain, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(paging, "PATIENCE", 0.1)
    client = signed_in(owner(luna))
    monkeypatch.setattr(selectors, "page", slow)
    answer = client.get("/domains/luna.test/track/?q=ana", secure=True)
    assert answer.status_code == 200
    assert "That took too long to find." in answer.content.decode()
    news = client.get("/domains/luna.test/track/news/?q=ana&state=x", secure=True)
    assert news.status_code == 204
    assert Entry.objects.count() == 0


@pytest.mark.parametrize("path", ["/domains/luna.test/track/", "/track/"])
@pytest.mark.parametrize("query", ["q=nobody", "cause=unknown-user&server=mx.far.test&q=x", "way=2"])
def test_few_queries_for_what_is_rare(
    node: Node,
    luna: Domain,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
    path: str,
    query: str,
) -> None:
    monkeypatch.setattr(paging, "WALK", 0)
    lines = Lines(timezone.now())
    lines.mail("4jXFb45vvCzL1z", sender="a@far.test", to="ana@luna.test", status="sent", text="ok")
    lines.take(node)
    client = signed_in(owner(luna))
    with django_assert_max_num_queries(8):
        assert client.get(f"{path}?{query}", secure=True).status_code == 200
