"""What root does to the queue for the agent, and nothing else.

Asked by an object: ``do``, and which mails are meant (selection.py; nothing said: all). Answered:

``list``      ``{"mails": [Waiting, …], "all": N, "bytes": N, "queues": {name: N}, "more": bool}``: at most
              ``limit`` after ``after`` ([at, id] of the last one seen), the oldest first, or with ``newest``
              the newest. A mail has ``due`` (Unix seconds of its next try, or null), ``tried`` (of its last),
              ``login`` (who sent it) and ``behalf`` (by a script of theirs). ``queues`` counts without the
              filter's ``queue``.
``hold``, ``release``, ``delete``, ``deliver``
              ``{"done": N, "left": N, "proven": N, "gone": N, "by": {domain: N}, "mails": […],
              "reasons": […]}``: to how many it was done, and of which domains those are, for how many there
              was no time, of how many a second look at the queue shows it, how many are no longer there;
              ``mails``: some of them. After ``deliver`` also ``again``, ``moving`` and ``held``, and why some
              still wait (changing.py).
``headers``   of ``id``: ``{"headers": text, "cut": bool, "mail": Waiting}``.

Everything else: ``{"error": "…"}``.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from nodeagent.queue.changing import change
from nodeagent.queue.entries import QUEUE_ID, Waiting, clean, covered, mail_of, place, shortened
from nodeagent.queue.files import QueueFiles
from nodeagent.queue.postfix import HEADER_BYTES, Postfix
from nodeagent.queue.selection import Selection, selection

SHOWN = 1000  # of a list
CHANGES = frozenset({"hold", "release", "delete", "deliver"})


class KeeperError(Exception):
    """The message is for people."""


class Keeper:
    """``config``: Postfix's absolute configuration folder. ``forwarder``: the sign-in of nodeagent.inject."""

    def __init__(self, config: Path, forwarder: str = "", postfix: Postfix | None = None) -> None:
        self.postfix = postfix or Postfix(config)
        self.forwarder = forwarder
        self._files: QueueFiles | None = None
        self._changing = threading.Lock()

    @property
    def files(self) -> QueueFiles:
        if self._files is None:
            self._files = QueueFiles(self.postfix.queue, self.forwarder)
        return self._files

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ValueError for what is no request, OSError or SubprocessError when Postfix's tools fail,
        KeeperError."""
        do, meant = request.get("do"), selection(request)
        if do == "list":
            return self._list(request, meant)
        if do == "headers":
            return self._headers(request)
        if do not in CHANGES:
            raise ValueError("do")
        with self._changing:
            return change(
                str(do), self._meant(meant), self.postfix, self.files, self._all, partial(self._seen, meant)
            )

    def _all(self) -> Iterator[Waiting]:
        return (mail for line in self.postfix.listing() if (mail := mail_of(line)) is not None)

    def _meant(self, meant: Selection) -> Iterator[tuple[Waiting, str]]:
        """With the domain that sent it."""
        for mail in self._of(meant):
            if not meant.queue or mail["queue"] == meant.queue:
                yield mail, meant.whose(mail, self.files.evidence(mail))

    def _of(self, meant: Selection) -> Iterator[Waiting]:
        """Those that fit, in whichever queue."""
        for mail in self._all():
            proven = meant.houses is None or mail["queue"] != "maildrop"
            if not (meant.fits(mail) and proven and self._is_of(meant, mail)):
                continue
            if not meant.asks_recipients or meant.fits_recipients(self._seen(meant, mail)):
                yield mail

    def _seen(self, meant: Selection, mail: Waiting) -> Waiting:
        """As whoever asks may know it (entries.covered)."""
        if meant.houses is None:
            return mail
        return covered(mail, self.files.written(mail), meant.mine)

    def _is_of(self, meant: Selection, mail: Waiting) -> bool:
        return meant.houses is None or bool(meant.whose(mail, self.files.evidence(mail)))

    def _list(self, request: Mapping[str, Any], meant: Selection) -> dict[str, Any]:
        limit, newest, after = _page(request)
        counts = {"all": 0, "bytes": 0}
        queues: dict[str, int] = {}

        def page() -> Iterator[Waiting]:
            for mail in self._of(meant):
                queues[mail["queue"]] = queues.get(mail["queue"], 0) + 1
                if meant.queue and mail["queue"] != meant.queue:
                    continue
                counts["all"] += 1
                counts["bytes"] += mail["size"]
                if after is None or (place(mail) < after if newest else place(mail) > after):
                    yield mail

        choose = heapq.nlargest if newest else heapq.nsmallest
        found = choose(limit + 1, page(), key=place)
        mails = [self._told(shortened(self._seen(meant, mail))) for mail in found[:limit]]
        return {"mails": mails, **counts, "queues": queues, "more": len(found) > limit}

    def _told(self, mail: Waiting) -> dict[str, Any]:
        login, behalf = self.files.evidence(mail)
        due = self.files.due(mail["queue"], mail["id"])
        tried = self.files.tried(mail["id"])
        return {
            **mail, "due": due, "tried": tried and int(tried), "login": clean(login), "behalf": behalf
        }  # fmt: skip

    def _headers(self, request: Mapping[str, Any]) -> dict[str, Any]:
        queue_id = request.get("id")
        if not isinstance(queue_id, str) or not QUEUE_ID.match(queue_id):
            raise ValueError("id")
        found = next((mail for mail in self._all() if mail["id"] == queue_id), None)
        if found is None:
            raise KeeperError("This mail is no longer in the queue.")
        head = self.postfix.headers(queue_id)
        text = clean(head[:HEADER_BYTES].decode("utf-8", "replace"), HEADER_BYTES)
        return {"headers": text, "cut": len(head) > HEADER_BYTES, "mail": self._told(shortened(found))}


def _page(request: Mapping[str, Any]) -> tuple[int, bool, tuple[int, str] | None]:
    limit, after = request.get("limit", SHOWN), request.get("after")
    if type(limit) is not int or not 1 <= limit <= SHOWN:
        raise ValueError("limit")
    if after is None:
        return limit, bool(request.get("newest")), None
    if not isinstance(after, list) or len(after) != 2:
        raise ValueError("after")
    at, queue_id = after
    if type(at) is not int or not isinstance(queue_id, str):
        raise ValueError("after")
    return limit, bool(request.get("newest")), (at, queue_id)
