"""The list: searched, filtered, sorted, paged; at most eight queries however long."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mailboxes import services
from mailboxes.listing import PAGE, SORTS, ListQuery, listing
from mailboxes.models import Mailbox
from provision.models import Push
from tests import factories
from tests.mailboxes.conftest import World

URL = reverse("mailboxes", args=["example.test"])


def fill(world: World, count: int) -> list[Mailbox]:
    """Names whose order alone differs from that of addresses (+ and - stand before @), values with ties."""
    rows = [
        Mailbox(
            mail_domain=world.mail,
            local=f"{name}{n:05d}",
            address=f"{name}{n:05d}@example.test",
            password_hash="{ARGON2ID}x",
            home=f"example.test/{name}{n}",
            quota_mb=(n % 7) + 1,
            used_mb=(n % 5) * 0.1,
        )
        for n, name in zip(range(count), ["ana", "ana+", "ana-", "b.", "c_"] * count, strict=False)
    ]
    return list(Mailbox.objects.bulk_create(rows))


def locals_of(rows: Any) -> list[str]:
    return [row.mailbox.local for row in rows]


def cursor(place: str, name: str) -> dict[str, str]:
    return {name: parse_qs(place.lstrip("?"))[name][0]}


def walk(world: World, sort: str) -> list[list[str]]:
    pages, query = [], ListQuery(sort=sort)
    while True:
        found = listing(world.mail, query)
        pages.append(locals_of(found.rows))
        if not found.next:
            return pages
        query = ListQuery(sort=sort, **cursor(found.next, "after"))


@pytest.mark.parametrize("sort", SORTS)
def test_every_row_comes_once_in_order_and_the_way_back_is_the_same(world: World, sort: str) -> None:
    fill(world, 2 * PAGE + 7)
    pages = walk(world, sort)
    assert [len(page) for page in pages] == [PAGE, PAGE, 7]
    column = {"address": "address", "used": "used_mb", "quota": "quota_mb"}[sort.lstrip("-")]
    down = sort.startswith("-")
    wanted = sorted(Mailbox.objects.all(), key=lambda row: (getattr(row, column), row.address), reverse=down)
    assert [local for page in pages for local in page] == [row.local for row in wanted]
    first = listing(world.mail, ListQuery(sort=sort))
    second = listing(world.mail, ListQuery(sort=sort, **cursor(first.next, "after")))
    back = listing(world.mail, ListQuery(sort=sort, **cursor(second.previous, "before")))
    assert (locals_of(back.rows), back.next, back.previous) == (pages[0], first.next, "")


@pytest.mark.parametrize("count", [0, 3, 400])
def test_at_most_eight_queries(world: World, owner_client: Client, count: int) -> None:
    fill(world, count)
    services.mailbox_delete(
        actor=world.owner, mailbox=factories.MailboxFactory.create(mail_domain=world.mail)
    )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert owner_client.get(URL).status_code == 200
    assert len(queries) <= 8, [query["sql"] for query in queries]


def test_found_by_a_part_of_the_name_or_the_whole_address(world: World, owner_client: Client) -> None:
    for local in ("maria.fernandez", "fernando", "ana"):
        factories.MailboxFactory.create(mail_domain=world.mail, local=local)
    for q, wanted in {
        "fern": ["fernando", "maria.fernandez"],
        "FERN": ["fernando", "maria.fernandez"],
        "fernandez@example.test": ["maria.fernandez"],
        "%": [],
        "_": [],
        "example": [],
    }.items():
        assert locals_of(owner_client.get(URL, {"q": q}).context["listing"].rows) == wanted, q
    assert "No mailbox here is like that" in owner_client.get(URL, {"q": "nobody"}).content.decode()


def test_filtered_by_state(world: World, owner_client: Client) -> None:
    boxes = {
        name: services.mailbox_create(
            actor=world.owner, mail_domain=world.mail, local=name, password="harbor-violet-91", quota_mb=10
        )
        for name in ("live", "moving", "failed", "asleep", "full")
    }
    services.mailbox_suspend(actor=world.owner, mailbox=boxes["asleep"], reason="x")
    for name in ("live", "asleep", "full"):
        Push.objects.filter(key=f"mailbox/{name}@example.test").update(applied_rev=F("desired_rev"))
    Push.objects.filter(key="mailbox/failed@example.test").update(last_error="mail1 refused")
    Mailbox.objects.filter(pk=boxes["full"].pk).update(used_mb=10)
    for state, wanted in {
        "live": ["full", "live"],
        "moving": ["moving"],
        "failed": ["failed"],
        "suspended": ["asleep"],
        "full": ["full"],
        "nonsense": ["asleep", "failed", "full", "live", "moving"],
    }.items():
        assert locals_of(owner_client.get(URL, {"state": state}).context["listing"].rows) == wanted, state


def test_each_row_says_its_state_and_its_use(world: World, owner_client: Client) -> None:
    factories.MailboxFactory.create(
        mail_domain=world.mail, local="ana", quota_mb=2048, used_mb=860, used_at=timezone.now(), messages=1204
    )
    page = owner_client.get(URL).content.decode()
    assert "0.84 of 2 GB" in page
    assert "1,204" in page


def test_an_empty_domain_says_what_to_do(world: World, owner_client: Client) -> None:
    page = owner_client.get(URL).content.decode()
    assert "Make the first mailbox" in page
    assert "<table" not in page


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    typed=st.fixed_dictionaries(
        {
            "q": st.text(max_size=20),
            "sort": st.sampled_from(["", *SORTS, "junk"]),
            "after": st.one_of(
                st.text(max_size=20), st.builds("{} {}".format, st.floats(), st.text(max_size=5))
            ),
            "before": st.one_of(st.text(max_size=20), st.builds("{} x".format, st.integers())),
        }
    )
)
def test_whatever_is_in_the_address_bar_is_answered(
    world: World, owner_client: Client, typed: dict[str, str]
) -> None:
    response = owner_client.get(URL, typed)
    assert response.status_code == 200
