"""IMAP, POP3 or both: what is advised to whom."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guides.learn.forms import DEVICES
from guides.learn.which import Answers, Verdict, advise

KEYS = [key for key, _label in DEVICES]


def verdict(*devices: str, **answers: Any) -> Verdict:
    return advise(Answers(devices=frozenset(devices), **answers)).verdict


@pytest.mark.parametrize(
    ("devices", "answers", "expected"),
    [
        (["computer"], {}, Verdict.IMAP),
        (["computer", "phone"], {}, Verdict.IMAP),
        (["computer"], {"place": "computer"}, Verdict.POP3),
        (["computer"], {"place": "computer", "people": "team"}, Verdict.BOTH),
        (["computer", "phone"], {"place": "computer"}, Verdict.BOTH),
        (["phone"], {"place": "computer"}, Verdict.IMAP),
        (["machine"], {}, Verdict.POP3),
        (["machine", "computer"], {}, Verdict.BOTH),
        (["computer"], {"place": "computer", "pop3": False}, Verdict.IMAP),
    ],
)
def test_the_verdict(devices: list[str], answers: dict[str, Any], expected: Verdict) -> None:
    assert verdict(*devices, **answers) is expected


def test_two_with_pop3_are_told_to_leave_a_copy() -> None:
    advice = advise(Answers(devices=frozenset({"computer", "phone"}), place="computer"))
    assert any("leave a copy" in each for each in advice.mind)


def test_a_full_mailbox_is_spoken_of() -> None:
    assert any("fills up" in each for each in advise(Answers(devices=frozenset({"phone"}), filled=0.9)).mind)
    assert not any(
        "fills up" in each for each in advise(Answers(devices=frozenset({"phone"}), filled=0.1)).mind
    )


@given(
    devices=st.frozensets(st.sampled_from(KEYS), min_size=1),
    people=st.sampled_from(["one", "team"]),
    place=st.sampled_from(["server", "both", "computer"]),
    much=st.booleans(),
    deleting=st.sampled_from(["everywhere", "there"]),
    filled=st.none() | st.floats(0, 2),
    pop3=st.booleans(),
)
def test_there_is_always_a_reason(**answers: Any) -> None:
    advice = advise(Answers(**answers))
    assert advice.reasons
    assert advice.verdict is Verdict.IMAP or answers["pop3"]
    if advice.verdict is Verdict.POP3:
        assert len(answers["devices"] - {"machine"}) <= 1
