"""All logs of a node on their way together: what was written at the same time goes in the same post, so that
the panel makes one row of a mail whose lines stand in several logs, and need not change it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future

from nodeagent.contract import CONTRACT
from nodeagent.maillog.follow import Batch, Follower

POSTS = 4  # that are with the panel at the same time
LINES = 8_000  # of one post
TURNS = 4  # of each log in a post: so finely they go side by side
FIRST = 50  # lines of a log of which nothing is known yet
BATCHES = 20  # of one post, as the panel takes them
_CHOSEN: Future[None] = Future()  # stands in until the post is made


class Convoy:
    """Sends for several followers. Each still sees for itself what became of its batches (``settle``)."""

    def __init__(self, followers: Sequence[Follower]) -> None:
        self._read = dict.fromkeys(followers, 0.0)  # up to which moment
        self._rate: dict[Follower, float] = {}  # lines a second of each log, lately
        self._under_way: set[Future[None]] = set()

    def fill(self, pool: Executor, wake: Callable[[], None]) -> int:
        """Send what was not taken, then new lines, as long as there is room: how many posts. ``wake`` is
        called when one is through."""
        self._under_way = {sent for sent in self._under_way if not sent.done()}
        started, first = 0, next(iter(self._read))
        while len(self._under_way) < POSTS and (group := self._group()):
            sent = pool.submit(first.panel.post, joined(first.node, group))
            for batch in group:
                batch.sent = sent
            self._under_way.add(sent)
            sent.add_done_callback(lambda _done: wake())
            started += 1
        return started

    def _group(self) -> list[Batch]:
        """The next lines of whichever log is behind the others."""
        group: list[Batch] = []
        lines, left = 0, set(self._read)
        while left and lines < LINES and len(group) < BATCHES:
            follower = min(left, key=self._read.__getitem__)
            try:
                batch = follower.take(self._share(follower))
            except OSError:
                for chosen in group:
                    chosen.sent = None
                raise
            if batch is None:
                left.remove(follower)
                continue
            batch.sent = _CHOSEN
            group.append(batch)
            many = len(batch.covers.lines)
            lines += many
            self._read[follower] = batch.last
            self._rate[follower] = many / max(batch.last - batch.first, 1.0)
        return group

    def _share(self, follower: Follower) -> int:
        """How many lines of this log take as long as a turn of the others."""
        rate = self._rate.get(follower)
        if rate is None:
            return FIRST
        return max(FIRST, int(LINES / TURNS * rate / sum(self._rate.values())))


def joined(node: str, group: Sequence[Batch]) -> bytes:
    """contract.LogBatch: one batch, or several."""
    if len(group) == 1:
        return group[0].body
    batches = b",".join(batch.body for batch in group)
    return b'{"contract":%d,"node":"%s","batches":[%s]}' % (CONTRACT, node.encode(), batches)
