"""An instance of before delivery's migration 0030 is brought to today: its rows (before_the_day.json, which
the panel of then wrote) are carried over by 0041."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Domain, User
from delivery import selectors, trail
from delivery.folding.mail import load
from delivery.migrations import _carry
from delivery.models import Chunk, Entry, Filed, Message, SignIn, Status, TrafficPart, Unparsed
from delivery.raw import lines_at
from delivery.selectors import TrackQuery
from delivery.signins.selectors import recent_sign_ins
from tests.delivery.conftest import owned_domain
from tests.factories import NodeFactory, UserFactory

OLD = Path(__file__).with_name("before_the_day.json")
THEN = datetime(2026, 11, 20, 9, tzinfo=UTC)
TABLES = ("logfile", "message", "recipient", "entry", "event")
COPIES = 30
AGO = timedelta(days=2)


@pytest.fixture
def before(transactional_db: None) -> Iterator[dict[str, Domain]]:
    node = NodeFactory.create(name="mail1")
    domains = {name: owned_domain(name) for name in ("luna.test", "sol.test")}
    Domain.objects.update(created_at=timezone.now() - timedelta(days=30))
    call_command("migrate", "delivery", "0021", verbosity=0)
    try:
        for number in range(COPIES):
            _load(number, node.pk, domains)
        yield domains
    finally:
        call_command("migrate", verbosity=0)


def _load(number: int, node: int, domains: dict[str, Domain]) -> None:
    text = OLD.read_text(encoding="utf-8").replace("4jXFb45vvCzLKn", f"4jXFb45vvCzL{number:02d}")
    old: dict[str, Any] = json.loads(text.replace("sKmeMqBnAmsPFAAAg", f"sKmeMqBnAmsPFAA{number:02d}"))
    of = {pk: domains[name].pk for name, pk in old["domains"].items()}
    shift = timezone.now() - AGO - THEN + timedelta(minutes=number)
    for table in TABLES:
        rows = [_shifted(row, number * 1000, node, of, shift) for row in old[f"delivery_{table}"]]
        _insert(f"delivery_{table}", rows)


def _shifted(
    row: dict[str, Any], more: int, node: int, of: dict[int, int], shift: timedelta
) -> dict[str, Any]:
    made = dict(row)
    for name, value in row.items():
        if value is None:
            continue
        if name in {"id", "file_id", "recipient_id"} or (name == "message_id" and isinstance(value, int)):
            made[name] = value + more
        elif name.endswith("domain_id"):
            made[name] = of[value]
        elif name.endswith("_at") or name == "at":
            made[name] = (datetime.fromisoformat(value) + shift).isoformat()
        elif name == "identity":
            made[name] = f"{value}.{more}"
    return made | ({"node_id": node} if "node_id" in row else {}) | ({"words": ""} if "via" in row else {})


def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        if table == "delivery_event":
            for day in {row["at"][:10] for row in rows}:
                last = datetime.fromisoformat(day) + timedelta(days=1)
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS delivery_event_{day.replace('-', '')}"
                    " PARTITION OF delivery_event FOR VALUES"
                    f" FROM ('{day} 00:00+00') TO ('{last:%Y-%m-%d} 00:00+00')"
                )
        statement = f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608
        cursor.execute(statement, [json.dumps(rows)])


def _shown(domain: Domain, user: User) -> list[tuple[Any, ...]]:
    found = selectors.following(selectors.entries(user, domain, TrackQuery()), 100)
    return [
        (one.direction, one.status, one.address, one.via, one.sender, one.subject, one.login) for one in found
    ]


LUNA = {
    (1, 2, "ana@luna.test", "", "a@far.example", "Harina ñ", ""),
    (1, 2, "one@luna.test", "team@luna.test", "a@far.example", "Hello", ""),
    (1, 2, "x@elsewhere.example", "team@luna.test", "a@far.example", "Hello", ""),
    (2, 3, "b@big.example", "", "ana@luna.test", "Hello", "ana@luna.test"),
    (2, 4, "nobody@big.example", "", "ana@luna.test", "Hello", "ana@luna.test"),
    (1, 2, "ana@luna.test", "", "", None, ""),
    (2, 2, "bo@sol.test", "", "ana@luna.test", "Between two", "ana@luna.test"),
    (3, 2, "eva@luna.test", "", "ana@luna.test", "Inside", "ana@luna.test"),
    (1, 5, "ana@luna.test", "", "spam@bad.example", None, ""),
}
SOL = {
    (1, 2, "bo@sol.test", "", "ana@luna.test", "Between two", ""),
    (1, 5, "nope@sol.test", "", "a@b.test", None, ""),
}


def _owner(domain: Domain) -> User:
    user = domain.account.members.first()
    assert user is not None
    return user


def test_old_mail_is_there_as_it_was(
    before: dict[str, Domain], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(_carry, "MESSAGES", 70)
    monkeypatch.setattr(_carry, "LINES", 500)
    call_command("migrate", verbosity=0)
    luna, sol = before["luna.test"], before["sol.test"]
    assert Counter(_shown(luna, _owner(luna))) == dict.fromkeys(LUNA, COPIES)
    assert Counter(_shown(sol, _owner(sol))) == dict.fromkeys(SOL, COPIES)
    assert selectors.entries(_owner(sol), None, TrackQuery()).count() == 2 * COPIES
    assert sum(Chunk.objects.values_list("lines", flat=True)) == 47 * COPIES
    assert (Message.objects.count(), Unparsed.objects.count()) == (10 * COPIES, COPIES)
    assert (Filed.objects.count(), SignIn.objects.count()) == (COPIES, (2 + 4) * COPIES)
    _is_searched(luna)
    _journeys(luna)
    _counts(luna)
    _pages(client, luna, sol)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'delivery!_old%%' ESCAPE '!'")
        assert cursor.fetchone() == (0,)


def _is_searched(luna: Domain) -> None:
    for text, many in (
        ("nobody@big.example", COPIES),
        ("4jXFb45vvCzL07D", 1),
        ("harina", COPIES),
        ("slow", COPIES),
    ):
        assert len(list(selectors.entries(_owner(luna), luna, TrackQuery(q=text)))) == many, text


def _journeys(luna: Domain) -> None:
    failed = Entry.objects.filter(domain_id=luna.pk, status=Status.FAILED).latest("pk")
    found = trail.trail_of(failed)
    assert found is not None
    start, hops = found
    assert [line.raw.partition("]: ")[2] for line in start.lines][-1].endswith("removed")
    assert len(start.lines) == 7
    assert {one.mail.notice_of for one in hops} == {"", start.mail.queue_id}
    assert failed.cause == "unknown-recipient" or failed.cause
    refused = Entry.objects.filter(domain_id=luna.pk, status=Status.REJECTED).latest("pk")
    kept = Message.objects.get(pk=refused.message_id)
    mail = load(kept.pk, kept.queue_id, kept.last_at.timestamp(), kept.state)
    [line] = lines_at(mail.lines)
    assert "Client host rejected" in line.raw
    page = recent_sign_ins("ana@luna.test", since=timezone.now() - timedelta(days=9))
    assert {(row.protocol, row.ok) for row in page.rows} >= {("imap", True), ("imap", False)}


def _counts(luna: Domain) -> None:
    parts = TrafficPart.objects.filter(domain_id=luna.pk)
    assert sum(part.entries for part in parts) == len(LUNA) * COPIES


def _pages(client: Client, luna: Domain, sol: Domain) -> None:
    client.force_login(_owner(luna))
    for entry in Entry.objects.filter(domain_id=luna.pk).order_by("-pk")[: len(LUNA)]:
        assert client.get(f"/domains/luna.test/track/{entry.pk}/").status_code == 200
    assert client.get(f"/track/{Entry.objects.filter(domain_id=sol.pk).latest('pk').pk}/").status_code == 404


def test_a_run_that_was_killed_goes_on(before: dict[str, Domain], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_carry, "MESSAGES", 70)
    messages, calls = _carry._messages, []

    def dies() -> int:
        calls.append(messages())
        if len(calls) == 2:
            raise KeyboardInterrupt
        return calls[-1]

    monkeypatch.setattr(_carry, "_messages", dies)
    with pytest.raises(KeyboardInterrupt):
        call_command("migrate", verbosity=0)
    assert Message.objects.count() == 70
    call_command("migrate", verbosity=0)
    assert Message.objects.count() == 10 * COPIES
    luna = before["luna.test"]
    assert Counter(_shown(luna, UserFactory.create(is_superuser=True, is_staff=True))) == dict.fromkeys(
        LUNA, COPIES
    )
