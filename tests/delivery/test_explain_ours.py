"""Whatever this server's own configuration refuses has words in the catalogue: a new refusal fails here until
it gets some."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.explain import cause_of
from delivery.statuses import Status
from nodeagent.policy import decision
from nodeagent.policy.words import Stop, refusal

ROOT = Path(__file__).parents[2]
VAGUE = {"", "recipient-refused-by-rule", "refused-by-policy"}
_SQL_NAME = re.compile(r"' \|\| \w+ \|\| '")
_CODED = re.compile(
    r"(?P<way>retry:|error:)?(?:\b(?P<code>[45]\d\d) )?\b(?P<dsn>[45]\.\d{1,3}\.\d{1,3}) "
    r"(?P<text>[A-Za-z][^'\"\n}]+)"
)
_FILLED = {"who": "ana@luna.example", "what": "boss@luna.example", "shown": "From", "error": "a bracket"}


def lines_of(*patterns: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                for line in path.read_text(encoding="utf-8").splitlines():
                    if not line.lstrip().startswith(("#", "--", "//")):
                        yield path.name, line


def coded() -> Iterator[tuple[int, str, str]]:
    """Texts with a code, wherever they stand."""
    places = ("deploy/postfix/*", "deploy/dovecot/*.conf", "deploy/rspamd/*.lua", "nodeagent/*.py")
    for _name, line in lines_of(*places, "nodeagent/senders/*.py", "nodeagent/asks/*.py"):
        for found in _CODED.finditer(_SQL_NAME.sub("luna.example", line)):
            status = Status.DEFERRED if found["way"] == "retry:" else Status.FAILED
            if found["way"]:
                yield status, found["dsn"], found["text"]
            else:
                code = f"{found['code']} " if found["code"] else ""
                said = f"{code}{found['dsn']} Recipient address rejected: {found['text']}"
                yield Status.REJECTED, found["dsn"], said


def stopped() -> Iterator[tuple[int, str, str]]:
    """What a session is told whose mailbox was stopped: the code is put before it in SQL."""
    for _name, line in lines_of("deploy/postfix/stopped.cf"):
        for text in re.findall(r"THEN '([A-Z][^']+)'", line):
            yield Status.REJECTED, "5.7.1", f"553 5.7.1 SASL login name rejected: {text}"


def authors() -> Iterator[tuple[int, str, str]]:
    """What rspamd says for nodeagent.senders, and by itself."""
    for _name, line in lines_of("nodeagent/senders/check.py"):
        for text in re.findall(r"return f?\"(?:REJECT )?((?:This|The|\{who\}) [^\"]+)\"", line):
            filled = re.sub(r"\{(\w+)\}", lambda found: _FILLED[found[1]], text)
            yield Status.REJECTED, "5.7.1", f"5.7.1 {filled}"
    for _name, line in lines_of("deploy/rspamd/*.lua"):
        for text in re.findall(r"set_pre_result\('(?:soft )?reject', '([^']+)'|LATER = '([^']+)'", line):
            yield Status.REJECTED, "5.7.1", f"5.7.1 {''.join(text)}"


def bounces() -> Iterator[tuple[int, str, str]]:
    for _name, line in lines_of("nodeagent/srs.py"):
        for text in re.findall(r"raise BadAddressError\(\"([^\"]+)\"\)", line):
            yield Status.REJECTED, "5.1.1", f"550 5.1.1 Recipient address rejected: {text}"


def limits() -> Iterator[tuple[int, str, str]]:
    for said in (decision.MAILBOX, decision.DOMAIN, decision.ACCOUNT, decision.WEBSITE):
        for frees in (None, 900):
            stop = Stop(
                level=decision.MAILBOX,
                said=said,
                scope="x",
                figure="rcpts",
                span="hour",
                most=10,
                used=10,
                needs=20,
                frees=frees,
            )
            text = refusal("ana@luna.example", stop, 0)
            yield Status.REJECTED, "4.7.1", text.replace("4.7.1 ", "4.7.1 Recipient address rejected: ", 1)


OURS = [*coded(), *stopped(), *authors(), *bounces(), *limits()]


def test_they_are_found() -> None:
    """Or nothing would be asserted below."""
    assert len(list(coded())) >= 12
    assert len(list(stopped())) >= 4
    assert len(list(authors())) >= 6
    assert len(list(bounces())) >= 4


@pytest.mark.parametrize(("status", "dsn", "text"), OURS, ids=lambda value: str(value)[:60])
def test_each_text_of_ours_has_words(status: int, dsn: str, text: str) -> None:
    assert cause_of(status, dsn, text) not in VAGUE
