"""Each filter, alone and in pairs, against one that looks at every row; and odd ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Domain, User
from delivery import selectors, text
from delivery.explain import cause_of
from delivery.forms import TrackFilter
from delivery.models import Direction, Entry, Message, Status
from provision.models import Node
from tests.delivery.conftest import owned_domain, owner
from tests.delivery.rows import entry_make
from tests.factories import UserFactory

SignIn = Callable[[User], Client]
SPLIT = re.compile(r"[\W_]+")
NUMBERS = count(1)
PEOPLE = [
    "ana@luna.test",
    "ben.cruz@luna.test",
    "anabel@far.example",
    "x@sub.far.example",
    "diana@near.example",
]
SUBJECTS = ["Invoice 7", "Re: invoice, paid", "Hola año 100% _x_", "(no) <b>", ""]
SERVERS = ["mx.far.example[192.0.2.7]:25", "mail[private/lmtp]", "h.near.example[2001:db8::7]", ""]
REPLIES = [
    "550 5.1.1 no such user",
    "452 4.2.2 mailbox full",
    "connect to x[192.0.2.1]:25: Connection refused",
    "",
]


def made(domain: Domain, node: Node, **values: Any) -> Entry:
    """A row with the words that it is found by, as services/stored.py makes them."""
    number = next(NUMBERS)
    values |= {"queue_id": f"4jX{number:07}Q"}
    header_id = f"m{number}@h.example"
    status, reply = values["status"], values["reply"]
    values["cause"] = "" if status in {Status.DELIVERED, Status.PROGRESS} else cause_of(status, "", reply)
    words = text.words_of(
        addresses=(values["address"], values["via"], values["sender"] or "", values["login"]),
        texts=(values["subject"] or "", "" if status == Status.DELIVERED else reply),
        names=(header_id, values["queue_id"], *text.server_names(values["server"])),
    )
    row = entry_make(domain.pk, node=node, words=text.vector(words), **values)
    Message.objects.filter(pk=row.message_id).update(header_id=f"<{header_id}>")
    return row


ROWS = st.fixed_dictionaries(
    {
        "direction": st.sampled_from([1, 2, 3]),
        "status": st.sampled_from([int(status) for status in Status]),
        "sender": st.sampled_from([*PEOPLE, "", None]),
        "address": st.sampled_from(PEOPLE),
        "via": st.sampled_from(["", "", "info@luna.test"]),
        "login": st.sampled_from(["", "ana@luna.test"]),
        "subject": st.sampled_from([*SUBJECTS, None]),
        "server": st.sampled_from(SERVERS),
        "reply": st.sampled_from(REPLIES),
        "days": st.integers(0, 9),
    }
)
TERMS = st.sampled_from(
    [
        "ana",
        "ANA@luna.test",
        "luna.test",
        "far.ex",
        "invoice",
        "inv paid",
        "año",
        "100%",
        "4jX",
        "from:ana",
        "to:ana",
        "from:far.example",
        "to:@luna.test",
        "subject:inv",
        'subject:"invoice 7"',
        "answer:full",
        "server:mx.far",
        "server:192.0.2.7",
        "server:2001:db8",
        "queue:4jx0000",
        "id:m1",
        "from:info",
        "to:info",
        "nothing",
        "ana*",
        "%",
        "_",
        "to:cruz answer:user",
        "mail.example",
        "192.0.2.7",
    ]
)
FILTERS = {
    "q": TERMS,
    "status": st.lists(st.sampled_from([1, 2, 3, 4, 5, 6]), min_size=1, max_size=3, unique=True),
    "way": st.sampled_from([1, 2, 3]),
    "days": st.sampled_from([1, 7, 30]),
    "since": st.integers(0, 9),
    "until": st.integers(0, 9),
    "server": st.sampled_from(["mx.far.example", "192.0.2.7", "2001:db8::7", "nowhere"]),
    "cause": st.sampled_from(sorted({cause_of(4, "", reply) for reply in REPLIES} - {""})),
}
PAIRS = st.lists(st.sampled_from(sorted(FILTERS)), min_size=1, max_size=2, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: FILTERS[name] for name in names})
)


# ---- what looks at every row


def begins(value: str | None, parts: list[str]) -> bool:
    words = SPLIT.split((value or "").lower())
    return bool(parts) and all(any(word.startswith(part) for word in words) for part in parts)


def address_fits(address: str | None, typed: str) -> bool:
    whole = (address or "").lower()
    local, _at, domain = whole.rpartition("@")
    parts = [part for part in SPLIT.split(typed) if part]
    return bool(whole) and (whole.startswith(typed) or domain.startswith(typed) or begins(local, parts))


def term_fits(row: Entry, header: str, term: str) -> bool:
    field, _colon, typed = (
        term.rpartition(":") if term.startswith(("from:", "to:", "subject:")) else ("", "", term)
    )
    for known in ("server", "answer", "queue", "id"):
        if term.startswith(f"{known}:"):
            field, typed = known, term.partition(":")[2]
    typed = typed.strip("<>\"'(),;@*%").lower()
    parts = [part for part in SPLIT.split(typed) if part]
    if not typed:
        return True
    shown = "" if row.status == Status.DELIVERED else row.reply
    servers = [name.lower() for name in text.server_names(row.server)]
    fits = {
        "from": lambda: address_fits(row.sender, typed) or address_fits(row.login, typed),
        "to": lambda: address_fits(row.address, typed) or address_fits(row.via, typed),
        "subject": lambda: begins(row.subject, parts),
        "answer": lambda: begins(shown, parts),
        "server": lambda: any(name.startswith(typed) for name in servers),
        "queue": lambda: row.queue_id.lower().startswith(typed),
        "id": lambda: header.startswith(typed),
    }
    if field:
        return fits[field]()
    found = set(text.words(row.subject or "", shown)) | {row.queue_id.lower(), header, *servers}
    for address in (row.address, row.via, row.sender or "", row.login):
        local, at, domain = address.lower().rpartition("@")
        found |= {address.lower(), domain, *SPLIT.split(local)} if at else set()
    wholly = any(word.startswith(typed) for word in found if word)
    return wholly or (bool(parts) and all(any(w.startswith(p) for w in found if w) for p in parts))


def fits(row: Entry, header: str, filters: dict[str, Any]) -> bool:
    today = timezone.localdate()
    day = timezone.localtime(row.at).date()
    since, until = filters.get("since"), filters.get("until")
    if filters.get("days") and since is None and until is None:
        since = filters["days"] - 1
    terms = re.findall(r'\S*"[^"]*"|\S+', filters.get("q", ""))
    searched = bool(terms)
    if searched and not any(term.strip("%*") for term in terms):
        return False
    return (
        (not filters.get("status") or row.status in filters["status"])
        and ("way" not in filters or row.direction in {filters["way"], Direction.INSIDE})
        and (since is None or day >= today - timedelta(days=since))
        and (until is None or day <= today - timedelta(days=until))
        and ("cause" not in filters or row.cause == filters["cause"])
        and ("server" not in filters or term_fits(row, header, f"server:{filters['server']}"))
        and all(term_fits(row, header, term) for term in terms)
    )


@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
@given(rows=st.lists(ROWS, min_size=6, max_size=14), asked=st.lists(PAIRS, min_size=8, max_size=8))
def test_filters_alone_and_in_pairs_find_what_looking_at_every_row_finds(
    rows: list[dict[str, Any]], asked: list[dict[str, Any]], node: Node, luna: Domain
) -> None:
    Entry.objects.all()._raw_delete("default")
    noon = timezone.make_aware(datetime.combine(timezone.localdate(), time(0, 0)))
    for values in rows:
        made(
            luna,
            node,
            at=noon - timedelta(days=values["days"]),
            **{k: v for k, v in values.items() if k != "days"},
        )
    every = list(Entry.objects.all())
    headers = {one.pk: one.header_id.strip("<>") for one in Message.objects.all()}
    for filters in asked:
        data = dict(filters)
        for name in ("since", "until"):
            if name in data:
                data[name] = str(timezone.localdate() - timedelta(days=data[name]))
        if {"since", "until"} <= set(data) and data["since"] > data["until"]:
            continue
        form = TrackFilter(_query(data))
        assert form.is_valid(), form.errors
        found = set(selectors.entries(owner(luna), luna, form.query()).values_list("pk", flat=True))
        wanted = {row.pk for row in every if fits(row, headers[row.message_id], filters)}
        assert found == wanted, filters


def _query(data: dict[str, Any]) -> Any:
    query = QueryDict(mutable=True)
    for name, value in data.items():
        query.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return query


# ---- what people and others type


NASTY = [
    "'; DROP TABLE delivery_entry; --",
    "%",
    "_",
    "*",
    "%%%%",
    "\\",
    "\\'",
    "a' | 'b",
    "!!!",
    "(((((",
    ":*",
    "& |",
    "(a+)+$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "x" * 64_000,
    "\u202e\u0000",
    "from:",
    "from:%",
    "to:_",
    'subject:"',
    'subject:"! !"',
    "id:<>",
    "server:[",
    "server:[]:25",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "🙂",
    "queue:'",
    " ".join(f"w{n}" for n in range(60)),
    "=1+1",
    "<script>",
    "\t",
    "a:b:c",
    "-1",
    "answer:\\",
]


@pytest.mark.parametrize("typed", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("path", ["/domains/luna.test/track/", "/track/", "/track/news/", "/track/export/"])
def test_whatever_is_typed_gets_an_answer(
    node: Node, luna: Domain, signed_in: SignIn, path: str, typed: str
) -> None:
    client = signed_in(owner(luna))
    for name in (
        "q",
        "server",
        "domain",
        "client",
        "cause",
        "status",
        "since",
        "before",
        "lead",
        "state",
        "ours",
    ):
        asked: dict[str, Any] = {name: typed, "way": 1}
        answer = client.get(path, asked, secure=True)
        assert answer.status_code in {200, 204, 404}, name  # a NUL in an address is a 404 everywhere
        if answer.status_code == 200:
            assert typed != "<script>" or b"<script>" not in b"".join(answer)


@settings(max_examples=80, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
@given(typed=st.text(max_size=200))
def test_no_text_breaks_a_search(typed: str, luna: Domain) -> None:
    form = TrackFilter({"q": typed, "server": typed})
    form.is_valid()
    list(selectors.entries(owner(luna), luna, form.query())[:5])


def test_a_long_search_is_a_field_error(luna: Domain, signed_in: SignIn) -> None:
    page = signed_in(owner(luna)).get("/domains/luna.test/track/", {"q": "x" * 65_536}, secure=True)
    assert "at most 200 characters" in page.content.decode()


# ---- the list of all


@pytest.fixture
def two(node: Node, luna: Domain) -> tuple[Domain, Domain]:
    """Two domains of one account, and mail from the first to the second."""
    other = owned_domain("mar.test")
    Domain.objects.filter(pk=other.pk).update(account=luna.account)
    common = {
        "sender": "ana@luna.test",
        "subject": "Between",
        "via": "",
        "login": "",
        "server": "",
        "reply": "",
    }
    made(luna, node, direction=2, status=2, address="ben@mar.test", **common)
    row = made(other, node, direction=1, status=2, address="ben@mar.test", **common)
    Entry.objects.filter(pk=row.pk).update(peer_domain_id=luna.pk)
    return luna, other


def shown(client: Client, /, **asked: Any) -> int:
    return client.get("/track/", asked, secure=True).content.decode().count("<tr id=")


def test_mail_between_two_of_ones_domains_is_one_row_and_each_side_when_asked_for(
    two: tuple[Domain, Domain], signed_in: SignIn
) -> None:
    client = signed_in(owner(two[0]))
    assert [shown(client), shown(client, way=1), shown(client, domain="mar.test")] == [1, 1, 1]
    assert shown(client, domain="luna.test", way=1) == 0
    assert shown(client, client=two[0].account.name.upper()) == 1
    assert shown(client, client="another") == shown(client, domain="sol.test") == 0


def test_the_filter_names_no_domain_of_somebody_else(
    two: tuple[Domain, Domain], sol: Domain, signed_in: SignIn
) -> None:
    client = signed_in(owner(sol))
    assert shown(client, domain="luna.test") == shown(client, client=two[0].account.name) == 0
    assert shown(client, ours="no") == 0


def test_the_provider_sees_what_belongs_to_nobody(node: Node, luna: Domain, client: Client) -> None:
    made(
        luna,
        node,
        direction=1,
        status=2,
        address="a@luna.test",
        sender="b@far.example",
        subject="Ours",
        via="",
        login="",
        server="",
        reply="",
    )
    row = entry_make(
        None, node=node, status=Status.REJECTED, subject=None, queue_id="", address="x@far.example"
    )
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    assert shown(client) == 2
    page = client.get("/track/", {"ours": "no"}, secure=True).content.decode()
    assert page.count("<tr id=") == 1
    assert f'id="e{row.pk}"' in page
    assert "No domain here" in page


# ---- floods


def test_a_flood_is_one_row_that_opens(node: Node, luna: Domain, signed_in: SignIn) -> None:
    values: dict[str, Any] = {
        "status": Status.REJECTED,
        "queue_id": "",
        "subject": None,
        "sender": "spam@far.example",
    }
    lead = entry_make(luna.pk, node=node, address="a@luna.test", alike=1203, **values)
    words = text.vector(["nosuch@luna.test"])
    entry_make(luna.pk, node=node, address="nosuch@luna.test", lead_id=lead.pk, words=words, **values)
    client = signed_in(owner(luna))
    page = client.get("/domains/luna.test/track/", secure=True).content.decode()
    assert f'href="?lead={lead.pk}"' in page
    assert "and 1,203 more like it" in page
    assert page.count("<tr id=") == 1
    group = client.get("/domains/luna.test/track/", {"lead": lead.pk}, secure=True).content.decode()
    assert group.count("<tr id=") == 2
    single = client.get("/domains/luna.test/track/", {"q": "nosuch@luna.test"}, secure=True).content.decode()
    assert single.count("<tr id=") == 1


def test_days_are_the_panels(luna: Domain) -> None:
    form = TrackFilter({"days": "7"})
    form.is_valid()
    assert form.query().since == timezone.localdate() - timedelta(days=6)
    assert TrackFilter({"since": str(date(2026, 1, 2)), "days": "7"}).is_valid()
