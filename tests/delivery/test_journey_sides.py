"""Who learns what of a mail, over every mixture of sides; and which mails are one journey. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.folding.mail import Addressee, Mail, Shown, rows
from delivery.journey import Fact, Hop, Journey, Side, join, tell
from delivery.journey.ends import ENDS
from delivery.statuses import Status
from delivery.wire import Line

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = NOW.timestamp() - 60
MINE, OTHER = 1, 2
SESSION = "KDkfFkk9A2vQPgAAg+zDdQ"


def told(journey: Journey) -> str:
    """Every word of it."""
    words: list[Any] = []
    for part in journey.parts:
        for step in part.steps:
            words += [step.title, *step.says, *step.lines, *step.who, step.server, step.client, step.answer]
            words += [word for one in step.symbols for word in (one.name, one.options)]
    for end in journey.ends:
        words += [end.address, *end.path, end.folder]
    return " ".join(map(str, words))


def told_to(side: Side, mail: Mail, lines: list[Line], facts: list[Fact] | None = None) -> Journey:
    hop = Hop(1, "mail1", mail, "<m@x>", lines, facts or [])
    return tell(side, [hop], hop, 0, {}, NOW)


ADDRESSEES = st.lists(
    st.tuples(
        st.sampled_from([None, MINE, OTHER]),  # whose the address is
        st.sampled_from([None, MINE, OTHER, 0]),  # whose the alias is; 0: there is none
        st.sampled_from([Status.DELIVERED, Status.DEFERRED, Status.FAILED, Status.PROGRESS]),
    ),
    max_size=6,
)


def mail_of(given: list[tuple[int | None, int | None, Status]], out: int | None) -> tuple[Mail, list[Line]]:
    mail = Mail("QID", AT, AT + 9, 1, started_at=AT, sender="bo@sender.test", nrcpt=len(given))
    if out is not None:
        mail.sasl_user, mail.client, mail.service = "bo@sender.test", "laptop[198.51.100.23]", "submission"
        mail.out_domain_id = out
    client = {"client": "laptop[198.51.100.23]", "service": "submission"}
    lines = [Line(0, AT, "client", "QID", client | ({"sasl": "bo@sender.test"} if out else {}), "RAW-client")]
    for number, (home, alias, status) in enumerate(given):
        one = Addressee(f"end{number}@far.test", "" if alias == 0 else f"alias{number}@near.test", home)
        one.orig_domain_id, one.status, one.at, one.placed = alias or None, status, AT + number, True
        one.reply, one.agent, one.relay = f"host said end{number}@far.test", "smtp", f"mx-end{number}@[1]"
        mail.addressees.append(one)
        said = {"to": one.address, "orig": one.orig_to, "relay": one.relay, "text": one.reply, "by": "smtp"}
        word = {Status.DELIVERED: "sent", Status.DEFERRED: "deferred"}.get(status, "bounced")
        if status != Status.PROGRESS:
            raw = f"RAW to=<{one.address}>, orig_to=<{one.orig_to}>"
            lines.append(Line(number, one.at, "delivery", "QID", said | {"status": word}, raw))
    lines.append(Line(90, AT + 8, "queued", "QID", {"nrcpt": len(given)}, "RAW-nrcpt"))
    options = ["end0@far.test", "198.51.100.23"]
    symbols = [["FORGED_RECIPIENTS", 2.0, options[0]], ["RDNS_NONE", 1.0, options[1]]]
    lines.append(Line(91, AT, "verdict", "QID", {"score": 3.0, "symbols": symbols}, f"RAW {options}"))
    mail.rows = {row: Shown(number, 2, 0) for number, row in enumerate(rows(mail))}
    return mail, lines


@given(ADDRESSEES, st.sampled_from([None, MINE, OTHER]))
def test_each_side_learns_its_own_part(
    given: list[tuple[int | None, int | None, Status]], out: int | None
) -> None:
    mail, lines = mail_of(given, out)
    text = told(told_to(Side(domains=frozenset({MINE})), mail, lines))
    sent = out == MINE
    for number, (home, alias, _status) in enumerate(given):
        owner = home if alias == 0 else alias
        mine = owner == MINE
        may_end = mine or home == MINE or (sent and alias == 0)
        if f"end{number}@" in text:
            assert may_end
        if f"alias{number}@" in text:
            assert mine or sent
    if out == OTHER:
        assert "198.51.100.23" not in text
        assert "laptop" not in text
        assert "bo@sender.test" not in text
    if sent and any(alias not in {0, MINE} for _home, alias, _status in given):
        assert "RAW-nrcpt" not in text


@given(ADDRESSEES, st.sampled_from([None, MINE, OTHER]))
def test_the_provider_reads_every_line(
    given: list[tuple[int | None, int | None, Status]], out: int | None
) -> None:
    mail, lines = mail_of(given, out)
    text = told(told_to(Side(everything=True), mail, lines))
    assert all(line.raw in text for line in lines)


def test_a_mailbox_user_sees_what_was_sent_to_it_and_by_it() -> None:
    mail, lines = mail_of([(MINE, 0, Status.DELIVERED), (MINE, 0, Status.DELIVERED)], None)
    text = told(told_to(Side(login="end0@far.test"), mail, lines))
    assert "end0@far.test" in text
    assert "end1@far.test" not in text
    mail, lines = mail_of([(MINE, MINE, Status.DELIVERED)], MINE)
    text = told(told_to(Side(login="bo@sender.test"), mail, lines))
    assert "alias0@near.test" in text
    assert "end0@far.test" not in text


def test_what_filters_did_is_for_the_mailbox_alone() -> None:
    mail, lines = mail_of([(OTHER, 0, Status.DELIVERED)], MINE)
    mail.addressees[0].reply = f"250 2.0.0 <end0@far.test> {SESSION} Saved"
    fact = Fact(AT, SESSION, "end0@far.test", "<m@x>", "stored mail into mailbox", "Secret folder")
    assert "Secret" not in told(told_to(Side(domains=frozenset({MINE})), mail, lines, [fact]))
    assert "Secret" in told(told_to(Side(domains=frozenset({OTHER})), mail, lines, [fact]))


def test_many_recipients_are_capped() -> None:
    mail, lines = mail_of([(None, 0, Status.DELIVERED)] * (ENDS + 30), MINE)
    journey = told_to(Side(domains=frozenset({MINE})), mail, lines)
    assert (len(journey.ends), journey.more) == (ENDS, 30)
    assert len(journey.parts[0].steps) < ENDS + 10


def hop(pk: int, queue_id: str, at: float, *to: str, node: str = "mail1", **more: Any) -> Hop:
    mail = Mail(queue_id, at, at, pk, started_at=at, **more)
    mail.addressees = [Addressee(one, status=Status.DELIVERED, at=at) for one in to]
    return Hop(pk, node, mail, "<m@x>")


def forwarding(at: float = AT, *, to: str = "x@far.test", behalf: str = "ana@luna.test") -> list[Hop]:
    first = hop(1, "A1", AT, "ana@luna.test")
    first.mail.addressees[0].reply = f"250 2.0.0 <ana@luna.test> {SESSION} Saved"
    first.facts = [
        Fact(AT, SESSION, "ana@luna.test", "<m@x>", "redirect action: forwarded to", "<x@far.test>")
    ]
    return [first, hop(2, "A2", at, to, service="forward", sasl_user=behalf)]


def test_what_a_filter_sent_on_is_joined() -> None:
    first, second = forwarding()
    assert [one.pk for one in join(second, [first])] == [1, 2]
    assert (second.how, second.by) == ("forward", first.mail.addressees[0])


@pytest.mark.parametrize(
    "more", [{"at": AT + 600}, {"to": "y@far.test"}, {"behalf": "eve@luna.test"}, {"behalf": "ana@sol.test"}]
)
def test_what_only_looks_like_it_is_not(more: dict[str, Any]) -> None:
    first, second = forwarding(**more)
    assert [one.pk for one in join(second, [first])] == [2]


def test_the_next_server_of_ours_is_joined() -> None:
    first, second = (
        hop(1, "A1", AT, "ana@luna.test"),
        hop(2, "B2CDFGH", AT + 1, "ana@luna.test", node="mail2"),
    )
    first.mail.addressees[0].reply = "250 2.0.0 Ok: queued as B2CDFGH"
    assert [one.pk for one in join(first, [second])] == [1, 2]
    second.header_id = "<other@x>"
    second.parent, second.how = None, ""
    assert [one.pk for one in join(first, [second])] == [1]


def test_a_circle_of_hops_ends() -> None:
    many = [hop(number, f"Q{number}", AT, "ana@luna.test") for number in range(40)]
    many[0].mail.notice_of, many[1].mail.notice_of = "Q1", "Q0"
    for one in many[2:]:
        one.mail.notice_of = "Q1"
    assert len(join(many[0], many[1:])) <= 20
