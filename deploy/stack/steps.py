"""Steps that wait for each other and otherwise run at once."""

from __future__ import annotations

import concurrent.futures as cf
import dataclasses
import time
from collections.abc import Callable, Sequence

from deploy.stack import console
from deploy.stack.layout import Failure

TELL_AFTER = 5.0


@dataclasses.dataclass(frozen=True)
class Step:
    """``run`` once everything in ``after`` is done."""

    label: str
    run: Callable[[], None]
    after: tuple[str, ...] = ()


def run(steps: Sequence[Step], *, keep_going: bool = False) -> None:
    """Run all of ``steps``, telling each one's end. Raises the first Failure when those under way have ended;
    with ``keep_going`` when all have ended that do not wait for a failed one."""
    waiting = {step.label: step for step in steps}
    unknown = {name for step in steps for name in step.after} - set(waiting)
    if unknown:
        raise ValueError(f"steps wait for {unknown}, which nobody does")
    finished: set[str] = set()
    running: dict[cf.Future[float], str] = {}
    failure: Failure | None = None
    begun = time.monotonic()
    with cf.ThreadPoolExecutor(max_workers=16) as pool:
        while waiting or running:
            for step in [step for step in waiting.values() if finished.issuperset(step.after)]:
                running[pool.submit(_timed, step)] = waiting.pop(step.label).label
            if not running:
                break
            ended, _ = cf.wait(running, timeout=TELL_AFTER, return_when=cf.FIRST_COMPLETED)
            if not ended:
                console.waiting(list(running.values()), time.monotonic() - begun)
            for future in ended:
                label = running.pop(future)
                try:
                    console.done(label, future.result())
                    finished.add(label)
                except Failure as error:
                    console.failed(error, label)
                    failure = failure or error
                    if not keep_going:
                        waiting.clear()
    if failure:
        raise failure


def _timed(step: Step) -> float:
    begun = time.monotonic()
    step.run()
    return time.monotonic() - begun
