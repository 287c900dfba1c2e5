"""What follows from an answer of DNS: a table, and what must never follow."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnszone.routing import BACKUP, LOCAL, OFF, REMOTE
from mailboxes.routing.deciding import AGAIN, Answer, Finding, Held, Host, Whose, next_look, settled

NOW = dt.datetime(2026, 11, 22, 14, 2, tzinfo=dt.UTC)
MODES = [LOCAL, BACKUP, REMOTE, OFF]
SECOND = dt.timedelta(seconds=1)


def mx(*hosts: str, sure: bool = False) -> Finding:
    """``10 ours``, ``20 other``, ``5 unknown``."""
    pairs = sorted((int(priority), whose) for priority, whose in (host.split() for host in hosts))
    named = tuple(Host(priority, f"{whose}.test", Whose(whose)) for priority, whose in pairs)
    return Finding(Answer.MX, named, sure)


def address(whose: Whose) -> Finding:
    return Finding(Answer.ADDRESS, (Host(0, "example.test", whose),))


TABLE: list[tuple[Finding, str]] = [
    (mx("10 ours"), LOCAL),
    (mx("10 ours", "20 other"), LOCAL),
    (mx("10 ours", "10 other"), LOCAL),  # senders pick one: this one has to deliver
    (mx("10 ours", "10 unknown", "20 other"), LOCAL),
    (mx("10 ours", "20 ours"), LOCAL),
    (mx("10 other", "20 ours"), BACKUP),
    (mx("5 other", "7 unknown", "20 ours"), BACKUP),
    (mx("5 unknown", "7 other", "20 ours"), ""),
    (mx("5 unknown", "20 ours"), ""),
    (mx("5 unknown", "20 ours", sure=True), BACKUP),
    (mx("10 other"), REMOTE),
    (mx("1 other", "5 other"), REMOTE),
    (mx("10 other", "20 unknown"), ""),
    (mx("10 unknown"), ""),
    (mx("10 unknown", sure=True), REMOTE),
    (Finding(Answer.NULL), OFF),
    (address(Whose.OURS), LOCAL),
    (address(Whose.OTHER), REMOTE),
    (address(Whose.UNKNOWN), ""),
    (Finding(Answer.NONE), ""),
    (Finding(Answer.UNDELEGATED), ""),
    (Finding(Answer.AWAY), ""),
    (Finding(Answer.AWAY, sure=True), ""),
    (Finding(Answer.MX), ""),
]


@pytest.mark.parametrize(("finding", "mode"), TABLE, ids=str)
def test_what_a_finding_decides(finding: Finding, mode: str) -> None:
    assert finding.mode == mode


@pytest.mark.parametrize("finding", [finding for finding, _mode in TABLE], ids=str)
def test_a_finding_is_kept_whole(finding: Finding) -> None:
    assert Finding.of(finding.kept()) == finding
    assert Finding.of({}) is None


def test_mail_is_taken_away_by_the_second_look_a_minute_later() -> None:
    away = mx("10 other")
    once = settled(Held(LOCAL), away, NOW)
    assert once == Held(LOCAL, REMOTE, NOW)
    assert settled(once, away, NOW + AGAIN - SECOND) == once
    assert settled(once, away, NOW + AGAIN) == Held(REMOTE)


def test_between_the_two_an_error_changes_nothing_and_mail_here_forgets_the_first() -> None:
    once = settled(Held(LOCAL), mx("10 other"), NOW)
    assert settled(once, Finding(Answer.AWAY), NOW + 2 * AGAIN) == once
    assert settled(once, mx("10 ours"), NOW + 2 * AGAIN) == Held(LOCAL)


def test_another_way_of_leaving_is_a_first_look_again() -> None:
    once = settled(Held(LOCAL), mx("10 other"), NOW)
    later = NOW + 2 * AGAIN
    assert settled(once, Finding(Answer.NULL), later) == Held(LOCAL, OFF, later)


def test_our_own_zone_says_so_and_once_is_enough() -> None:
    assert settled(Held(LOCAL), mx("10 other", sure=True), NOW) == Held(REMOTE)


@pytest.mark.parametrize("before", [BACKUP, REMOTE, OFF])
def test_mail_comes_back_at_once(before: str) -> None:
    assert settled(Held(before), mx("10 ours"), NOW) == Held(LOCAL)


def test_looked_again_soon_while_something_is_open_and_hourly_when_not() -> None:
    hour = dt.timedelta(hours=1)
    assert next_look(Held(LOCAL, REMOTE, NOW), mx("10 other"), NOW, NOW) == NOW + AGAIN
    assert next_look(Held(LOCAL), mx("10 ours"), NOW, NOW) == NOW + hour
    assert next_look(Held(LOCAL), Finding(Answer.AWAY), NOW, NOW) == NOW + dt.timedelta(minutes=2)
    assert next_look(Held(LOCAL), Finding(Answer.NONE), NOW - 90 * hour, NOW) == NOW + hour


hosts = st.builds(
    Host, st.integers(0, 65535), st.from_regex(r"[a-z]{1,9}\.test", fullmatch=True), st.sampled_from(Whose)
)
findings = st.builds(
    lambda answer, found, sure: Finding(answer, tuple(sorted(found, key=lambda h: h.priority)), sure),
    st.sampled_from(Answer),
    st.lists(hosts, max_size=5),
    st.booleans(),
)
errors = st.builds(
    Finding, st.sampled_from([Answer.AWAY, Answer.NONE, Answer.UNDELEGATED]), st.just(()), st.booleans()
)


@given(st.sampled_from(MODES), st.lists(errors, min_size=1), st.integers(0, 10**6))
def test_no_error_ever_moves_mail(decided: str, several: list[Finding], apart: int) -> None:
    held, at = Held(decided), NOW
    for finding in several:
        held, at = settled(held, finding, at), at + apart * SECOND
        assert held == Held(decided)


@given(st.sampled_from(MODES), findings)
def test_nothing_unproven_takes_mail_away_in_one_look(decided: str, finding: Finding) -> None:
    after = settled(Held(decided), finding, NOW)
    rank = {OFF: 0, REMOTE: 1, BACKUP: 2, LOCAL: 3}
    assert finding.sure or rank[after.decided] >= rank[decided]


@given(findings)
def test_while_one_of_ours_comes_first_it_is_never_remote(finding: Finding) -> None:
    first = finding.hosts[0].priority if finding.hosts else 0
    if finding.answer == Answer.MX and any(
        host.whose == Whose.OURS and host.priority == first for host in finding.hosts
    ):
        assert finding.mode == LOCAL


@given(findings)
def test_without_being_sure_an_unknown_host_is_never_taken_for_anothers(finding: Finding) -> None:
    unknown = any(host.whose == Whose.UNKNOWN for host in finding.hosts)
    if unknown and not finding.sure and finding.answer != Answer.NULL:
        assert finding.mode != REMOTE


@given(findings)
def test_what_is_kept_comes_back(finding: Finding) -> None:
    assert Finding.of(finding.kept()) == finding
