"""What people type stays text in a script, whatever it is: read back by sievelib, compiled by sievec."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sievelib import tools
from sievelib.parser import Parser

from deploy.stack.files import render_file
from lib.errors import Refused
from mailboxes.autoresponder import script as answers
from mailboxes.autoresponder.services import subject_check, text_check, time_check
from mailboxes.filters import rules, script
from mailboxes.filters.rules import Action, Condition
from mailboxes.models import Autoresponder, MailboxFilter
from mailboxes.sieve.composing import composed
from mailboxes.sieve.writing import Raw, Tag, block, make, section

HOSTILE = [
    '";redirect "thief@evil.test',
    '"; redirect "thief@evil.test"; #',
    "Line\n.\n..\n.\nend",
    "text:\n.\n",
    "${1} ${sender} ${hex:22} ${",
    'back\\slash \\" \\',
    "* ? [a] (b) /* c */ # d",
    "ünï ☃ 漢字",
]
TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"], whitelist_characters="\n\t"), min_size=1)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sieve")
    known = {"NODE": "test", "MAIL_ROOT": folder, "DOVECOT": folder}
    path = folder / "sieve.conf"
    path.write_text(render_file("dovecot/sieve.conf", known))
    return path


def compiled(config: Path, text: str) -> str:
    """What sievec complains of; empty: nothing."""
    path = config.with_name("one.sieve")
    path.write_text(text)
    command = ["sievec", "-c", str(config), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def answer(text: str, subject: str = "Away", **values: object) -> str:
    row = Autoresponder(subject=subject, text=text, **values)
    return composed([answers.section(row, ["ana@example.test", "ana@other.test"])])


def rule(conditions: list[Condition], actions: list[Action], position: int = 1) -> MailboxFilter:
    return MailboxFilter(
        name="One", position=position, conditions=rules.rows(conditions), actions=rules.rows(actions)
    )


def commands(text: str) -> list[str]:
    parser = Parser()
    assert parser.parse(text), text
    return [one.name for top in parser.result for one in top.walk()]


def read_back(text: str) -> list[str]:
    """All strings of a script as the server would read them, after its variables."""
    found = re.findall(r'"(?:[^"\\]|\\.)*"', text, re.DOTALL)
    return [tools.unquote(one).replace("${dollar}", "$") for one in found]


@pytest.mark.parametrize("text", HOSTILE)
def test_an_answer_is_text_and_nothing_else(config: Path, text: str) -> None:
    made = answer(text, subject=text.replace("\n", " ").replace("\r", ""))
    assert compiled(config, made) == ""
    assert "redirect" not in commands(made)
    assert text.replace("\n", "\r\n") in read_back(made)


@given(text=TEXT)
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    made = answer(text)
    assert commands(made).count("vacation") == 1
    assert text.replace("\n", "\r\n") in read_back(made)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("operator", [rules.CONTAINS, rules.IS, rules.BEGINS, rules.ENDS, rules.LACKS])
def test_a_filters_values_are_text(config: Path, value: str, operator: str) -> None:
    one = rule(
        [Condition(field=field, operator=operator, value=value) for field in (rules.FROM, rules.SUBJECT)],
        [Action(do=rules.FOLDER, value=value), Action(do=rules.MARK, value=rules.SEEN)],
    )
    made = composed([script.section([one])])
    assert compiled(config, made) == ""
    assert "redirect" not in commands(made)
    assert compiled(config, script.probe([one])) == ""


def test_every_condition_and_action_compiles(config: Path) -> None:
    values = {rules.SIZE: "2048", rules.ATTACHMENT: "", rules.SPAM: ""}
    conditions = [
        Condition(field=field, operator=operator, value=values.get(field, "x"))
        for field, operators in rules.FITTING.items()
        for operator in operators
    ]
    doings = [
        [Action(do=rules.FOLDER, value="A/B"), Action(do=rules.COPY, value="C")],
        [Action(do=rules.FORWARD, value="bo@example.test"), Action(do=rules.DISCARD)],
        [Action(do=rules.REFUSE, value='No "thanks"')],
        *[[Action(do=rules.MARK, value=mark)] for mark in rules.MARKS],
    ]
    made = [rule(conditions, actions, place) for place, actions in enumerate(doings)]
    text = composed([script.section(made, {"bo@example.test"}, "ana@example.test")])
    assert compiled(config, text) == ""
    assert commands(text).count("redirect") == 1


def test_all_sections_together_compile(config: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    row = Autoresponder(subject="Away", text="x", starts=now, ends=now, contacts_only=True)
    one = rule([Condition(field=rules.SPAM, operator=rules.YES)], [Action(do=rules.DISCARD)])
    text = composed([answers.section(row, ["ana@example.test"]), script.section([one])])
    assert compiled(config, text) == ""
    assert text.index("discard;") < text.index("vacation :")


def test_who_has_not_said_yes_gets_nothing() -> None:
    one = rule(
        [Condition(field=rules.SPAM, operator=rules.NO)], [Action(do=rules.FORWARD, value="x@outside.test")]
    )
    assert "redirect" not in commands(composed([script.section([one], (), "ana@example.test")]))


@pytest.mark.parametrize("text", ["a\0b", "x\x1b[2J", "\ud800", " ", "y" * 1_000_000])
def test_text_that_cannot_be_sent_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        text_check(text)
    assert caught.value.field == "text"
    with pytest.raises(Refused) as caught:
        subject_check(text)
    assert caught.value.field == "subject"


def test_a_subject_is_one_line() -> None:
    with pytest.raises(Refused):
        subject_check("Away\r\nBcc: thief@evil.test")


def test_times_that_cannot_be_are_refused() -> None:
    now = dt.datetime.now(dt.UTC)
    with pytest.raises(Refused) as caught:
        time_check(now, now, "UTC")
    assert caught.value.field == "ends"
    with pytest.raises(Refused):
        time_check(None, None, "Nowhere/Land")


@pytest.mark.parametrize(
    "name", ["", "/", "a//b", "../x", "~root", "a.b", "x\0", "a\nb", "n" * 300, ".", "a/../b"]
)
def test_folders_that_cannot_be_are_refused(name: str) -> None:
    with pytest.raises(Refused):
        rules.action_checked(Action(do=rules.FOLDER, value=name))


@pytest.mark.parametrize(
    ("text", "kib"), [("2 MB", 2048), ("500", 500), ("0,5 MB", 512), ("500kb", 500), ("1.5mb", 1536)]
)
def test_sizes_as_people_write_them(text: str, kib: int) -> None:
    assert rules.kilobytes(text) == kib


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "9999999 MB", "1e9"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(Refused):
        rules.kilobytes(text)


def test_our_own_variables_stay() -> None:
    made = section(10, [block(make("string", Tag(":is"), Raw("${x}"), "${x}"), make("keep"))])
    assert '"${x}" "${dollar}{x}"' in made.body
    assert made.requires == {"variables"}
