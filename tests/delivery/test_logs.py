"""How the nodes' logs are read, as the provider sees it; lines that nobody understood, by their kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from delivery import logs
from delivery.logs import UnparsedQuery, covered
from delivery.models import LogFile, NodeHealth, Unparsed
from provision.models import Node
from tests import factories
from tests.delivery.conftest import Lines
from tests.delivery.rows import keys

LOGS = reverse("admin:delivery_logfile_changelist")
UNPARSED = reverse("admin:delivery_unparsed_changelist")
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(factories.UserFactory.create(is_staff=True, is_superuser=True))
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def odd(node: Node, *raws: str, at: datetime | None = None, log: str = "postfix") -> list[Unparsed]:
    file, _made = LogFile.objects.get_or_create(node=node, identity=f"1.{log}", log=log)
    made = []
    for pos, raw in enumerate(raws):
        when = at or timezone.now()
        (pk,) = keys(when, 1)
        made.append(Unparsed.objects.create(pk=pk, at=when, node=node, file=file, pos=pos, raw=raw))
    return made


def health(node: Node, **more: int) -> None:
    says = {"behind": 0, "age": 0, "lost": 0, "unparsed": 0} | more
    NodeHealth.objects.update_or_create(
        node=node, defaults={"logs": {"postfix": says}, "told_at": timezone.now()}
    )


def test_the_page_says_how_each_log_is_read(node: Node, desk: Client) -> None:
    Lines().mail("4jXFb45vvCzLKnH", sender="a@b.test", to="c@d.test").add("smtpd", "what is this").take(node)
    health(node)
    assert "In order" in page(desk, LOGS)
    health(node, behind=5_000_000, age=900)
    html = page(desk, LOGS)
    for text in ("mail1", "postfix", "4.77 MB", "900 seconds old", "Behind: lines wait"):
        assert text in html, text
    assert f"{UNPARSED}?node={node.pk}" in html
    health(node, lost=2)
    assert "Lines lost" in page(desk, LOGS)
    LogFile.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    NodeHealth.objects.update(told_at=timezone.now() - timedelta(hours=2))
    assert "Silent" in page(desk, LOGS)


def test_a_node_without_a_line_says_what_to_look_at(node: Node, desk: Client) -> None:
    assert "No node has sent a line yet" in page(desk, LOGS)


@pytest.mark.parametrize("path", [LOGS, UNPARSED])
def test_for_staff_who_may_look_alone(node: Node, client: Client, path: str) -> None:
    client.force_login(factories.UserFactory.create(is_staff=True))
    assert client.get(path).status_code == 403
    client.force_login(factories.UserFactory.create())
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", [LOGS, UNPARSED, f"{UNPARSED}?each=1", f"{UNPARSED}?q=line"])
def test_eight_queries_however_many(
    node: Node, desk: Client, django_assert_max_num_queries: Any, path: str
) -> None:
    odd(node, *(f"line {n}" for n in range(120)))
    with django_assert_max_num_queries(8):
        desk.get(path)


def test_alike_lines_are_one_with_their_number(node: Node, desk: Client) -> None:
    odd(
        node,
        *(
            f"Nov 20 09:00:{n:02d} mail postfix/smtpd[{n}]: 4jXFb45vvC{n}: odd thing of <u{n}@x.test>"
            f" from 192.0.2.{n}"
            for n in range(30)
        ),
    )
    odd(node, "Nov 20 09:00:43 mail postfix/smtpd[1]: another thing")
    shapes = logs.shapes(UnparsedQuery())
    assert [shape.lines for shape in shapes] == [30, 1]
    html = page(desk, UNPARSED)
    assert "30 lines alike" in html
    assert "odd thing of &lt;u29@x.test&gt;" in html
    assert html.count("odd thing of") == 2  # once as it is, once for a report
    rows, older = logs.unparsed(UnparsedQuery(shape=shapes[0].shape))
    assert (len(rows), older) == (30, None)


def test_ten_thousand_alike_are_one(node: Node) -> None:
    (pk,) = keys(timezone.now(), 1)
    file = LogFile.objects.create(node=node, identity="1", log="postfix")
    Unparsed.objects.bulk_create(
        Unparsed(pk=pk + n, at=timezone.now(), node=node, file=file, pos=n, raw=f"smtpd[{n}]: odd {n:05d}")
        for n in range(10_000)
    )
    found = logs.shapes(UnparsedQuery())
    assert [shape.lines for shape in found] == [10_000]


def test_search_node_and_day(node: Node, desk: Client) -> None:
    other = factories.NodeFactory.create(name="mail2")
    odd(node, "the 100% Odd_thing \\ here")
    odd(other, "something else")
    odd(node, "of last year", at=datetime(2025, 3, 1, 12, tzinfo=UTC))

    def found(**asked: Any) -> list[str]:
        return sorted(shape.newest.raw for shape in logs.shapes(UnparsedQuery(**asked)))

    assert found(q="odd_THING") == found(q="100%") == found(q="\\ h") == ["the 100% Odd_thing \\ here"]
    assert found(q="odd%thing") == found(q="___") == []
    assert found(node=other.pk) == ["something else"]
    assert found(day=datetime(2025, 3, 1, tzinfo=UTC).date()) == ["of last year"]
    assert "of last year" in page(desk, f"{UNPARSED}?day=2025-03-01")
    assert "something else" not in page(desk, f"{UNPARSED}?day=2025-03-01")


def test_older_lines_follow(node: Node, desk: Client) -> None:
    odd(node, *(f"line number {n}" for n in range(130)))
    seen: list[str] = []
    before = None
    while True:
        rows, before = logs.unparsed(UnparsedQuery(before=before))
        seen += [row.raw for row in rows]
        if before is None:
            break
    assert seen == [f"line number {n}" for n in reversed(range(130))]
    html = page(desk, f"{UNPARSED}?each=1")
    assert "Older" in html


@pytest.mark.parametrize(
    "asked",
    [
        "q=ab", "q=%00abc", "q=" + "x" * 5000, "node=x", "node=999999", "node=99999999999999999999999",
        "day=2020-13-45", "day=0001-01-01", "day=9999-12-31", "before=x", "before=99999999999999999999999",
        "shape=%00", "shape=" + "y" * 900, "each=maybe", "q=%ed%a0%80abc",
    ],
)  # fmt: skip
def test_odd_filters_are_answered(node: Node, desk: Client, asked: str) -> None:
    odd(node, "a line")
    assert desk.get(f"{UNPARSED}?{asked}").status_code == 200


def test_a_hostile_line_is_inert(node: Node, desk: Client) -> None:
    odd(node, "<script>alert(1)</script> \u202e \x1b[31m </textarea><b>")
    for path in (UNPARSED, f"{UNPARSED}?each=1"):
        html = page(desk, path)
        assert "<script>alert" not in html
        assert "</textarea><b>" not in html
        assert "\u202e" not in html
        assert "\x1b" not in html


@pytest.mark.parametrize(
    ("raw", "secrets", "kept"),
    [
        (
            "Nov 20 09:00:35 mail postfix/smtpd[77]: 4jX: odd from=<ana@luna.test> to=<Bo.X+y@sol.test>"
            " client=mx.luna.test[192.0.2.44]",
            ["ana", "luna", "sol.test", "192.0.2.44", "Bo.X"],
            ["postfix/smtpd[77]", "09:00:35", "4jX", "odd"],
        ),
        (
            "x rip=2001:db8:77::99, user=<carla>, lip=10.9.8.7",
            ["77::99", "carla", "10.9.8.7"],
            ["rip=", "user="],
        ),
        (
            "cleanup: info: header Subject: my divorce papers from h[192.0.2.9]; from=<a@b.c>",
            ["divorce", "papers"],
            ["cleanup"],
        ),
        ("smtp: sasl_username=ana helo=<my-laptop>", ["=ana", "my-laptop"], ["sasl_username"]),
    ],
)  # fmt: skip
def test_a_report_names_nobody(raw: str, secrets: list[str], kept: list[str]) -> None:
    text = covered(raw)
    assert [secret for secret in secrets if secret in text] == []
    assert [word for word in kept if word not in text] == []


@given(st.text(max_size=300), st.emails())
def test_no_address_survives(text: str, address: str) -> None:
    assert address not in covered(f"{text} <{address}> x")


@pytest.mark.parametrize(
    "bomb", ["a." * 10_000, "a" * 20_000 + "@", "1:" * 10_000, "user=" * 4000, "=?" * 10_000]
)
def test_hiding_takes_no_time(bomb: str) -> None:
    begun = datetime.now(UTC)
    covered(bomb)
    assert datetime.now(UTC) - begun < timedelta(seconds=2)
