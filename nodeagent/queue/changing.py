"""Holding, letting go, deleting and trying mails of the queue, and what the queue says afterwards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from nodeagent.queue.entries import Waiting
from nodeagent.queue.files import QueueFiles
from nodeagent.queue.postfix import FLAGS, Postfix

BATCH = 1000  # to Postfix's tool in one go
SECONDS = 12.0  # that a change may take: what is left then is said
TRIES_SECONDS = 3.0  # that a try is waited for
LOOK_EVERY = 0.25
LOOKED_AT = 1000  # mails whose reasons are read
TOLD, TOLD_RECIPIENTS = 20, 3  # mails that an answer names, and recipients of each
MOVING = frozenset({"active", "incoming"})
Scan = Callable[[], Iterator[Waiting]]


def change(
    do: str,
    found: Iterable[tuple[Waiting, str]],
    postfix: Postfix,
    files: QueueFiles,
    scan: Scan,
    see: Callable[[Waiting], Waiting],
) -> dict[str, Any]:
    """Do it to ``found``, look again, and tell both (keeper.py says how). ``see``: a mail as whoever asks may
    know it."""
    began = time.time()
    chosen: dict[str, str] = {}
    told: list[dict[str, Any]] = []
    for one, whose in found:
        chosen[one["id"]] = whose
        if len(told) < TOLD:
            mail = see(one)
            to = [address for address, _why in mail["recipients"][:TOLD_RECIPIENTS]]
            about = {"id": mail["id"], "sender": mail["sender"], "size": mail["size"], "whose": whose}
            told.append(about | {"to": to, "all": mail["all"]})
    done = _in_batches(do, list(chosen), postfix)
    ids = {queue_id: chosen[queue_id] for queue_id in done}
    by = dict(Counter(ids.values()))
    after = _look(scan, ids) if ids else {}
    tries: dict[str, int] = {}
    if do == "deliver":
        after = _settled(after, scan, ids)
        tries = _tries(ids, after, files, began)
    proof = {"proven": _proven(do, ids, after), "gone": len(ids) - len(after)} | tries
    reasons = _reasons(map(see, islice(after.values(), LOOKED_AT))) if do == "deliver" else []
    return {
        "done": len(ids),
        "left": len(chosen) - len(ids),
        **proof,
        "by": by,
        "mails": told,
        "reasons": reasons,
    }


def _in_batches(do: str, ids: list[str], postfix: Postfix) -> list[str]:
    """Those that there was time for; a first batch always."""
    end = time.monotonic() + SECONDS
    done: list[str] = []
    while len(done) < len(ids) and (not done or time.monotonic() < end):
        batch = ids[len(done) : len(done) + BATCH]
        if do in FLAGS:
            postfix.change(do, batch)
        else:
            postfix.deliver(batch)
        done += batch
    return done


def _look(scan: Scan, ids: Collection[str]) -> dict[str, Waiting]:
    return {mail["id"]: mail for mail in scan() if mail["id"] in ids}


def _settled(after: dict[str, Waiting], scan: Scan, ids: Collection[str]) -> dict[str, Waiting]:
    """When the tries have ended, or nobody waits any longer."""
    end = time.monotonic() + TRIES_SECONDS
    while any(mail["queue"] in MOVING for mail in after.values()) and time.monotonic() < end:
        time.sleep(LOOK_EVERY)
        after = _look(scan, ids)
    return after


def _proven(do: str, ids: dict[str, str], after: dict[str, Waiting]) -> int:
    """Of how many the queue itself shows what was wanted."""
    if do == "hold":
        return sum(mail["queue"] == "hold" for mail in after.values())
    if do == "release":
        return sum(mail["queue"] != "hold" for mail in after.values())
    if do == "delete":
        return len(ids) - len(after)
    return 0


def _tries(ids: dict[str, str], after: dict[str, Waiting], files: QueueFiles, began: float) -> dict[str, int]:
    """What became of tries: ``proven``, left the queue, tried in vain, or being tried. ``again``: tried in
    vain. ``moving``: being tried. ``held``: not tried, because it is held."""
    moving = sum(mail["queue"] in MOVING for mail in after.values())
    held = sum(mail["queue"] == "hold" for mail in after.values())
    waiting = [one["id"] for one in after.values() if one["queue"] == "deferred"]
    again = sum((files.tried(queue_id) or 0.0) >= began - 1 for queue_id in waiting)
    gone = len(ids) - len(after)
    return {"proven": gone + again + moving, "again": again, "moving": moving, "held": held}


def _reasons(mails: Iterable[Waiting]) -> list[str]:
    """Why those still wait, the first three that differ."""
    found = dict.fromkeys(why for mail in mails for _address, why in mail["recipients"][:1] if why)
    return list(found)[:3]
