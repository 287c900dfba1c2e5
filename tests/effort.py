"""How much work something is, in calls: the same on every machine and however busy it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls(work: Callable[[], Any]) -> int:
    """How many functions, of Python and built in, ``work`` calls."""
    found = 0

    def count(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal found
        found += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found


def grows(work: Callable[[int], Any], size: int) -> float:
    """How many times the calls of ``work(size)`` those of ``work(2 * size)`` are: 2 where it reads each thing
    once, 4 where it compares each with each."""
    work(1)  # what is made once and kept
    return calls(lambda: work(2 * size)) / calls(lambda: work(size))
