"""When a key may go and when a DS may be given: by table, and against a world of registrars and caches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dnszone.dnssec import deciding
from dnszone.dnssec.deciding import Ds, Key, Stage, Status, Verdict, Why

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


NOW = at(100_000)
OLD = Key(generation=1, made_at=T0)
NEW = Key(generation=2, made_at=T0)
SHOWN: dict[str, Any] = {"shown": True, "seen_at": NOW, "ttl": 3600}
GONE: dict[str, Any] = {"seen_at": at(90_000), "gone_at": at(95_000), "ttl": 3600}
GOING: dict[str, Any] = {"seen_at": at(90_000), "gone_at": at(99_000), "ttl": 3600}
LOOKED: dict[str, Any] = {"seen_at": NOW, "asked_at": NOW}
ONE = Status(generations=(1,), keys=(OLD,), complete_at=T0, zone_ttl=3600, **LOOKED)
TWO = replace(ONE, generations=(1, 2), keys=(OLD, NEW))


@pytest.mark.parametrize(
    ("status", "stage", "ds"),
    [
        (Status(), Stage.OFF, Ds.UNKNOWN),
        (Status(strangers=1, **LOOKED), Stage.OFF_BUT_DS, Ds.OTHER),
        (replace(ONE, keys=(), complete_at=None), Stage.MAKING, Ds.NONE),
        (replace(ONE, complete_at=at(99_000)), Stage.SPREADING, Ds.NONE),
        (ONE, Stage.GIVE_DS, Ds.NONE),
        (replace(ONE, seen_at=None), Stage.GIVE_DS, Ds.UNKNOWN),
        (replace(ONE, keys=(replace(OLD, **SHOWN),)), Stage.SECURE, Ds.MATCHES),
        (replace(ONE, keys=(replace(OLD, **SHOWN),), strangers=1), Stage.SECURE, Ds.MATCHES),
        (replace(ONE, keys=(replace(OLD, **SHOWN), OLD)), Stage.PARTLY, Ds.PARTLY),
        (replace(ONE, strangers=1), Stage.BROKEN, Ds.OTHER),
        (replace(TWO, complete_at=None), Stage.ROLL_MAKING, Ds.NONE),
        (replace(TWO, complete_at=at(99_000)), Stage.ROLL_SPREADING, Ds.NONE),
        (replace(TWO, keys=(replace(OLD, **SHOWN), NEW)), Stage.ROLL_EXCHANGE, Ds.MATCHES),
        (replace(TWO, keys=(replace(OLD, **SHOWN), replace(NEW, **SHOWN))), Stage.ROLL_EXCHANGE, Ds.MATCHES),
        (replace(TWO, keys=(replace(OLD, **GOING), replace(NEW, **SHOWN))), Stage.ROLL_EXPIRING, Ds.MATCHES),
        (replace(TWO, keys=(replace(OLD, **GONE), replace(NEW, **SHOWN))), Stage.ROLL_READY, Ds.MATCHES),
    ],
)
def test_where_it_stands(status: Status, stage: Stage, ds: Ds) -> None:
    assert deciding.stage(status, NOW) == stage
    assert deciding.ds_state(status) == ds


STALE: dict[str, Any] = {"seen_at": at(90_000), "asked_at": at(90_000)}
SILENT: dict[str, Any] = {"seen_at": at(99_990), "asked_at": NOW}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (ONE, Verdict()),
        (replace(ONE, **STALE), Verdict(Why.LOOK)),
        (replace(ONE, **SILENT), Verdict(Why.LOOK)),
        (replace(ONE, seen_at=None), Verdict(Why.LOOK)),
        (replace(ONE, strangers=1), Verdict(Why.STANDS)),
        (replace(ONE, keys=(replace(OLD, **SHOWN),)), Verdict(Why.STANDS)),
        (replace(ONE, keys=(replace(OLD, **GOING),)), Verdict(Why.CACHED, at(102_600))),
        (replace(ONE, keys=(replace(OLD, **GONE),)), Verdict()),
        (replace(TWO, keys=(replace(OLD, **GONE), replace(NEW, **GOING))), Verdict(Why.CACHED, at(102_600))),
    ],
)
def test_switching_off(status: Status, verdict: Verdict) -> None:
    assert deciding.may_switch_off(status, NOW) == verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (ONE, Verdict(Why.NOT_ROLLING)),
        (replace(TWO, **STALE), Verdict(Why.LOOK)),
        (replace(TWO, complete_at=None), Verdict(Why.MAKING)),
        (replace(TWO, complete_at=at(99_000)), Verdict(Why.SPREADING, at(102_600))),
        (TWO, Verdict(Why.NEW_MISSING)),
        (replace(TWO, keys=(replace(OLD, **GONE), NEW)), Verdict(Why.NEW_MISSING)),
        (replace(TWO, keys=(replace(OLD, **SHOWN), replace(NEW, **SHOWN))), Verdict(Why.OLD_STANDS)),
        (
            replace(TWO, keys=(replace(OLD, **GOING), replace(NEW, **SHOWN))),
            Verdict(Why.OLD_CACHED, at(102_600)),
        ),
        (replace(TWO, keys=(replace(OLD, **GONE), replace(NEW, **SHOWN))), Verdict()),
        (replace(TWO, keys=(OLD, replace(NEW, **SHOWN))), Verdict()),
        (replace(TWO, keys=(OLD, replace(NEW, **SHOWN), NEW)), Verdict(Why.NEW_MISSING)),
    ],
)
def test_finishing(status: Status, verdict: Verdict) -> None:
    assert deciding.may_finish(status, NOW) == verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (ONE, Verdict(Why.NOT_ROLLING)),
        (replace(TWO, **SILENT), Verdict(Why.LOOK)),
        (TWO, Verdict()),
        (replace(TWO, complete_at=None), Verdict()),
        (replace(TWO, keys=(OLD, replace(NEW, **SHOWN))), Verdict(Why.NEW_STANDS)),
        (replace(TWO, keys=(OLD, replace(NEW, **GOING))), Verdict(Why.NEW_CACHED, at(102_600))),
    ],
)
def test_cancelling(status: Status, verdict: Verdict) -> None:
    assert deciding.may_cancel(status, NOW) == verdict


def test_a_ds_counts_from_the_first_look_that_misses_it() -> None:
    key = deciding.seen(OLD, shown=True, ttl=600, at=at(100), before=None)
    key = deciding.seen(key, shown=True, ttl=300, at=at(200), before=at(100))
    assert key.ttl == 600
    key = deciding.seen(key, shown=False, ttl=0, at=at(300), before=at(200))
    key = deciding.seen(key, shown=False, ttl=0, at=at(400), before=at(300))
    assert key.cached_until() == at(900)
    key = deciding.seen(key, shown=True, ttl=600, at=at(500), before=at(400))
    assert key.cached_until() is None


def test_after_days_without_looks_a_ds_may_have_been_there() -> None:
    key = deciding.seen(OLD, shown=False, ttl=0, at=at(86_400), before=None)
    assert key.cached_until() == at(2 * 86_400)
    fresh = deciding.seen(replace(OLD, made_at=at(86_300)), shown=False, ttl=0, at=at(86_400), before=at(0))
    assert fresh.cached_until() is None


GENERATIONS = st.sets(st.sampled_from([1, 2, 9]))


DAYS = st.tuples(GENERATIONS, st.sampled_from([10, 3000]), st.sampled_from([100, 2000, 5000]))


@settings(max_examples=600)
@given(
    days=st.lists(DAYS, min_size=1, max_size=6),
    after=st.integers(0, 600),
    answered=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_no_key_goes_whose_ds_may_be_kept(
    days: list[tuple[set[int], int, int]], after: int, answered: list[bool]
) -> None:
    """``days``: what the zone above has (9: somebody else's key), its TTL, and for how long. There is a look
    in each; some are not answered, and then the next is the first to know."""
    clock, before = 0.0, None
    keys = {1: OLD, 2: NEW}
    strangers, asked = 0, T0
    believed: dict[int, float] = {1: 0, 2: 0, 9: 0}  # until when some cache may hold a DS of it
    seen_at = None
    for number, (there, ttl, long) in enumerate(days):
        look = clock + long / 2
        asked = at(look)
        # A presence that no look sees at all is what nobody can know: such a day is answered always.
        if answered[number] or any(generation in there for generation in (1, 2)):
            for generation in (1, 2):
                keys[generation] = deciding.seen(
                    keys[generation], shown=generation in there, ttl=ttl, at=asked, before=before
                )
            strangers = int(9 in there)
            before = seen_at = asked
        clock += long
        for generation in there:
            believed[generation] = max(believed[generation], clock + ttl)
    now = at(min(clock, look + after))
    for generation in days[-1][0]:
        believed[generation] = max(believed[generation], now.timestamp() - T0.timestamp() + 1)
    status = Status(
        generations=(1, 2),
        keys=(keys[1], keys[2]),
        strangers=strangers,
        complete_at=T0,
        zone_ttl=0,
        seen_at=seen_at,
        asked_at=asked,
    )
    if deciding.may_switch_off(status, now).ok:
        assert max(believed[1], believed[2]) <= (now - T0).total_seconds()
    if deciding.may_finish(status, now).ok:
        assert believed[1] <= (now - T0).total_seconds()
        assert 2 in days[-1][0] or not answered[len(days) - 1]
    if deciding.may_cancel(status, now).ok:
        assert believed[2] <= (now - T0).total_seconds()


@given(
    st.builds(
        Status,
        generations=st.sampled_from([(), (1,), (1, 2)]),
        keys=st.lists(
            st.builds(
                Key,
                generation=st.sampled_from([1, 2]),
                made_at=st.just(T0),
                shown=st.booleans(),
                seen_at=st.sampled_from([None, T0]),
                gone_at=st.sampled_from([None, T0, NOW]),
                ttl=st.integers(0, 100_000),
            ),
            max_size=4,
        ).map(tuple),
        strangers=st.integers(0, 2),
        complete_at=st.sampled_from([None, T0, NOW]),
        zone_ttl=st.integers(0, 1000),
        seen_at=st.sampled_from([None, T0, NOW]),
        asked_at=st.sampled_from([None, NOW]),
    )
)
def test_there_is_always_something_to_say(status: Status) -> None:
    from_words = deciding.stage(status, NOW)
    assert from_words in Stage
    for verdict in (
        deciding.may_switch_off(status, NOW),
        deciding.may_finish(status, NOW),
        deciding.may_cancel(status, NOW),
    ):
        assert verdict.until is None or verdict.until > NOW
