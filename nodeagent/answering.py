"""``python -m nodeagent policy``: what the mail servers ask while a mail waits, in one process with a socket
for each kind of question.

    POLICY_SOCKET   by Postfix about what our people submit: is there room, and may they send so much
    ROOM_SOCKET     by Postfix about mail from other servers: is there room
    BOUNCES_SOCKET  by Postfix: where does a bounce to a rewritten address go

One process, for each costs 10 MB before it does anything. What Postfix cannot ask here it lets pass; so
nodeagent.senders, without which mail waits, is another.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from functools import partial

from nodeagent.bounces import SocketmapForm, answer
from nodeagent.config import Config, ConfigError, load
from nodeagent.directory import Directory
from nodeagent.policy.counts import Counts
from nodeagent.policy.decision import Policy
from nodeagent.policy.server import Later, Server
from nodeagent.room import FULL, Room, room
from nodeagent.srs import Rewriter


class Submission:
    """What our people submit: no room is said first; then the limits. One question to both."""

    def __init__(self, space: Room | None, policy: Policy) -> None:
        self._room = space
        self._policy = policy

    def answer(self, question: Mapping[str, str]) -> str | Later:
        if self._room is None:
            return self._policy.answer(question)
        found = self._room.quick(question)
        then = partial(self._then, question)
        return then(found) if isinstance(found, str) else Later(found, then)

    def _then(self, question: Mapping[str, str], found: str) -> str:
        return found if found == FULL else self._policy.answer(question)


def in_a_thread(space: Room) -> Callable[[Mapping[str, str]], str | Later]:
    """Its answers, those that must be waited for as such."""

    def say(question: Mapping[str, str]) -> str | Later:
        found = space.quick(question)
        return found if isinstance(found, str) else Later(found, str)

    return say


def build(config: Config) -> tuple[Server, Policy]:
    """All sockets that the node's environment names. Raises ConfigError."""
    mail = config.mail
    if mail is None or mail.policy_socket is None or mail.policy_db is None:
        raise ConfigError("POLICY_SOCKET and POLICY_DB are not set in the node's environment")
    directory = Directory(config.directory)
    policy = Policy(directory, Counts(mail.policy_db))
    space = room(config) if mail.quota_socket else None
    server = Server(mail.policy_socket, Submission(space, policy).answer)
    if space is not None and mail.room_socket is not None:
        server.listen(mail.room_socket, in_a_thread(space))
    if mail.bounces_socket is not None and mail.srs_key_file is not None:
        rewriter = Rewriter(mail.srs_key_file.read_bytes().strip())
        server.listen(mail.bounces_socket, partial(answer, rewriter), form=SocketmapForm)
    return server, policy


def main() -> int:
    os.umask(0o027)
    server, policy = build(load())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    server.serve()
    server.close()
    policy.counts.close()
    return 0
