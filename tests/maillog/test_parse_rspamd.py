"""rspamd's verdicts, in the form of deploy/rspamd/rspamd.conf. Real lines of rspamd 3.4."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodeagent.maillog.parse import RAW_MAX, RSPAMD, Event, Parser

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC).timestamp()
HEAD = "2026-11-22 18:16:36 #3501(rspamd_proxy) <3d4a42>; proxy; rspamd_task_write_log: "
SIGNED = (
    f"{HEAD}verdict qid=<4jXcj03rP6zYhw3> action=<no action> score=<0.00/nan> size=<299> time=<1.824ms> "
    "user=<main.1795371362850/ines@panaderia-luna.test> ip=<127.0.0.1> found=<DKIM_SIGNED(0.00)> "
    "with=<DKIM_SIGNED(0.00){panaderia-luna.test:s=pr1-mail1;}> from=<ines@panaderia-luna.test> "
    "id=<1795371396.535267@x.test>"
)
INCOMING = (
    f"{HEAD}verdict qid=<4jXcj0453SzYhwV> action=<add header> score=<-0.10/6.00> size=<313> time=<3.494ms> "
    "user=<undef> ip=<192.0.2.7> found=<MIME_GOOD(-0.10),DMARC_DNSFAIL(0.00),FROM_EQ_ENVFROM(0.00),"
    "R_SPF_DNSFAIL(0.00)> with=<MIME_GOOD(-0.10){text/plain;},DMARC_DNSFAIL(0.00){outside.example : query "
    "refused;},FROM_EQ_ENVFROM(0.00){},R_SPF_DNSFAIL(0.00){temporary DNS error;}> from=<who@outside.example> "
    "id=<1795371396.569684@x.test>"
)


def read(line: str) -> Event:
    return Parser(RSPAMD, tz=UTC, now=lambda: NOW)(line)


def test_a_mail_of_our_own() -> None:
    event = read(SIGNED)
    assert (event.kind, event.ref) == ("verdict", "4jXcj03rP6zYhw3")
    assert event.at == datetime(2026, 11, 22, 18, 16, 36, tzinfo=UTC).timestamp()
    assert event.data == {
        "score": 0.0,
        "required": None,
        "action": "no action",
        "size": 299,
        "symbols": [["DKIM_SIGNED", 0.0, "panaderia-luna.test:s=pr1-mail1"]],
        "user": "ines@panaderia-luna.test",
        "client": "127.0.0.1",
    }


def test_a_mail_from_outside() -> None:
    data = read(INCOMING).data
    assert (data["score"], data["required"], data["action"]) == (-0.1, 6.0, "add header")
    assert "user" not in data
    assert data["symbols"] == [
        ["MIME_GOOD", -0.1, "text/plain"],
        ["DMARC_DNSFAIL", 0.0, "outside.example : query refused"],
        ["FROM_EQ_ENVFROM", 0.0, ""],
        ["R_SPF_DNSFAIL", 0.0, "temporary DNS error"],
    ]


@pytest.mark.parametrize(
    "lie",
    [
        "x;},R_SPF_DNSFAIL(0.00){all fine;",
        "x;},R_SPF_ALLOW(-9.00){+all;",
        "}> from=<boss@luna.test> id=<x",
        "x> found=<BAYES_HAM(-9.00)> with=<",
    ],
)
def test_no_option_says_what_another_was_found_by(lie: str) -> None:
    data = read(INCOMING.replace("text/plain;", lie)).data
    assert [name for name, _score, _options in data["symbols"]] == [
        "MIME_GOOD",
        "DMARC_DNSFAIL",
        "FROM_EQ_ENVFROM",
        "R_SPF_DNSFAIL",
    ]
    assert data["symbols"][3][2] in {"", "temporary DNS error"}
    assert data["score"] == -0.1


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300).map(lambda text: text.replace("\n", "?").replace("\r", "?")))
def test_whatever_strangers_write(text: str) -> None:
    event = read(
        INCOMING.replace("text/plain", text)
        .replace("1795371396.569684@x.test", text)
        .replace("who@", f"{text}@")
    )
    assert (event.kind, event.ref) == ("verdict", "4jXcj0453SzYhwV")
    assert (event.data["score"], len(event.data["symbols"])) == (-0.1, 4)
    assert all(len(options) <= 200 for _name, _score, options in event.data["symbols"])


def test_a_long_line_loses_its_end_only() -> None:
    event = read(INCOMING + "x" * 20_000)
    assert (event.kind, len(event.raw)) == ("verdict", RAW_MAX)


def test_the_sixty_weightiest_symbols_are_kept() -> None:
    names = [f"S{number}({number}.00)" for number in range(90)]
    line = SIGNED.replace("found=<DKIM_SIGNED(0.00)>", f"found=<{','.join(names)}>")
    line = line.replace(
        "with=<DKIM_SIGNED(0.00){panaderia-luna.test:s=pr1-mail1;}>",
        "with=<" + ",".join(f"{name}{{}}" for name in names) + ">",
    )
    found = read(line).data["symbols"]
    assert len(found) == 60
    assert found[0] == ["S89", 89.0, ""]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            f"{HEAD.replace('rspamd_task_write_log', 'rspamd_redis_connected')}skip obtaining bayes tokens",
            "notice",
        ),
        (SIGNED.replace("4jXcj03rP6zYhw3", "undef"), "notice"),
        ("2026-11-22 18:14:50 #2376(main) lua; cfg.lua:161: group excessqp has no symbols", "notice"),
        ("2026-11-22 18:14:51 #2376(main) rspamd_url_init: initialized 1 url match suffixes", "notice"),
        ("2026-11-22 18:16:36 nobody says this", "unparsed"),
        ("2026-99-22 18:16:36 #1(main) <x>; a; b: c", "unparsed"),
        ("", "unparsed"),
    ],
)
def test_the_rest(line: str, kind: str) -> None:
    event = read(line)
    assert (event.kind, event.ref, event.data) == (kind, "", {})
