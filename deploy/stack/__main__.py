"""``python -m deploy.stack up|down|follow|ctl|path``: what bin/up, bin/down and their like call."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from deploy.stack import console, state
from deploy.stack.follow import follow
from deploy.stack.layout import CODE, PYTHON, Failure

READABLE_ROLES = {"customer2": "another customer", "client": "client of the reseller"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/up", description=__doc__)
    parser.add_argument("verb", choices=["up", "down", "follow"])
    parser.add_argument(
        "--state", type=Path, default=state.DEFAULT, help="another state folder: a second instance"
    )
    parser.add_argument("--no-demo", action="store_true", help="no demo provider, and no smoke journey")
    parser.add_argument("--no-smoke", action="store_true", help="no smoke journey")
    parser.add_argument("--detach", action="store_true", help="return when all is up; bin/down stops it")
    parser.add_argument("--keep", action="store_true", help="if a part fails, leave running what did start")
    parser.add_argument("--lock", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return {"up": _up, "down": _down, "follow": _follow}[options.verb](options)
    except Failure as error:
        if not error.told:
            console.failed(error)
        return 1
    except KeyboardInterrupt:
        console.say("stopped")
        return 130


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _up(options: argparse.Namespace) -> int:
    # Here, because the process that only follows needs none of what these load.
    from deploy.stack import up

    begun = time.monotonic()
    root = state.settle(options.state)
    try:
        lock = state.lock(root)
    except state.Busy as busy:
        console.say(
            f"bin/up is running already (process {busy.pid}). Its addresses: {root / 'endpoints.json'}"
        )
        return 0
    if not up.running(root):
        console.say(f"Postroom: bringing everything up in {root}")
        stack = up.bring_up(root, demo=not options.no_demo, keep=options.keep)
        if not (options.no_demo or options.no_smoke):
            up.smoke(stack, keep=options.keep)
        console.say(f"\nUp after {time.monotonic() - begun:.1f} s.")
    else:
        console.say("It is up already; bin/down first, if it shall start anew with changed code.")
    up.banner(root)
    if options.detach:
        return 0
    os.set_inheritable(lock, True)
    # A small process from here on: starting needed much that waiting does not.
    os.execv(  # noqa: S606 - no shell is the point
        str(PYTHON), [str(PYTHON), "-m", "deploy.stack", "follow", "--state", str(root), "--lock", str(lock)]
    )


def _follow(options: argparse.Namespace) -> int:
    pid = int((options.state / "run" / "supervisord.pid").read_text(encoding="ascii"))
    try:
        follow(options.state, pid)
    except KeyboardInterrupt:
        console.say("\nStopping…")
        return _down(options)
    console.say("Everything was stopped from elsewhere (bin/down).")
    return 0


def _down(options: argparse.Namespace) -> int:
    from deploy.stack import up

    root = state.existing(options.state)
    begun = time.monotonic()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    count = up.stop(root)
    console.say(
        f"{count} processes stopped in {time.monotonic() - begun:.1f} s." if count else "Nothing was running."
    )
    return 0


if __name__ == "__main__":
    os.chdir(CODE)
    sys.exit(main())
