"""Asking the world: bounded in time and number, many questions side by side, no database. For services with
no transaction open."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from dnszone import names
from dnszone.whereis.seen import Seen, There, key
from lib import delegation, resolver
from lib.delegation import Answer, Referral
from lib.resolver import ResolverAway

logger = logging.getLogger(__name__)

SECONDS = 8.0  # for all of one look
ASKS_MAX = 30  # questions about records; with those about servers about 40
THREADS = 12
CHILDREN = 4  # servers of others that are asked
T = TypeVar("T")
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Question:
    """``ours``: our name servers, each with where it is asked. ``asks``: name and type of records to find at
    others' servers, none for a quick look. ``targets``: hosts whose addresses are needed to compare."""

    name: str
    ours: Mapping[str, Sequence[Place]]
    asks: Sequence[tuple[str, str]] = ()
    targets: Sequence[str] = ()


def look(question: Question) -> Seen:
    """What can be known of ``question`` within SECONDS. Never raises for what the world says."""
    until = time.monotonic() + SECONDS
    seen = Seen()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="whereis") as pool:
        _servers(pool, question, seen, until)
        others = [name for name in seen.parent or seen.said or [] if name not in question.ours]
        places = _children(pool, question.name, others[:CHILDREN], seen, until)
        if places and question.asks:
            _records(pool, question, places, seen, until)
    return seen


def _servers(pool: ThreadPoolExecutor, question: Question, seen: Seen, until: float) -> None:
    name = question.name
    above = pool.submit(_known, lambda: delegation.referral(name, until=until))
    said = pool.submit(_known, lambda: resolver.lookup(name, "NS", until=until))
    ds = pool.submit(_known, lambda: delegation.ds(name, until=until))
    mine: dict[str, Future[Answer | None]] = {
        server: pool.submit(_first, name, "NS", places, until) for server, places in question.ours.items()
    }
    found: Referral | None = above.result()
    if found is not None:
        seen.parent, seen.parent_ttl = found.servers, found.ttl
    got = said.result()
    seen.said = sorted(_bare(server) for server in got) if got is not None else None
    known = ds.result()
    if known is not None:
        seen.ds, seen.ds_ttl = known
    seen.answered = sorted(
        server for server, answer in mine.items() if (result := answer.result()) and result.values
    )
    listed = seen.parent or seen.said or []
    for server, answer in mine.items():
        result = answer.result()
        if server in listed and result is not None:
            seen.child[server] = sorted(_bare(value) for value in result.values)


def _children(
    pool: ThreadPoolExecutor, name: str, servers: Sequence[str], seen: Seen, until: float
) -> list[tuple[str, Place]]:
    """The others' servers that serve the domain, with where they are asked."""

    def one(server: str) -> tuple[Answer | None, Place | None]:
        for place in delegation.places(server, until=until)[:2]:
            answer = delegation.ask(name, "NS", place, until=until)
            if answer is not None:
                return answer, place
        return None, None

    asked = [(server, pool.submit(_known, lambda server=server: one(server))) for server in servers]
    serving = []
    for server, future in asked:
        answer, place = future.result() or (None, None)
        seen.child[server] = sorted(_bare(value) for value in answer.values) if answer else None
        if answer is not None and place is not None:
            serving.append((server, place))
    return serving


def _records(
    pool: ThreadPoolExecutor,
    question: Question,
    serving: Sequence[tuple[str, Place]],
    seen: Seen,
    until: float,
) -> None:
    seen.source = serving[0][0]
    places = [place for _server, place in serving[:2]]
    asked = {}
    for owner, rtype in question.asks[:ASKS_MAX]:
        whole = names.absolute(owner, question.name)
        asked[key(owner, rtype)] = pool.submit(_first, whole, rtype, places, until)
    targets = {host: pool.submit(_address, host, until) for host in question.targets[:4]}
    for name, future in asked.items():
        answer = future.result()
        seen.found[name] = There(answer.values, answer.alias, answer.ttl) if answer else None
    for host, addresses in targets.items():
        seen.targets[host] = sorted(addresses.result() or [])


def _first(name: str, rtype: str, places: Sequence[Place], until: float) -> Answer | None:
    for place in places[:2]:
        answer = _asked(name, rtype, place, until)
        if answer is not None:
            return answer
    return None


def _asked(name: str, rtype: str, place: Place, until: float) -> Answer | None:
    return _known(lambda: delegation.ask(name, rtype, place, until=until))


def _address(host: str, until: float) -> list[str] | None:
    return _known(lambda: resolver.lookup(host, "A", until=until))


def _known(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except ResolverAway as away:
        logger.info("not known: %s", away)
        return None
    except Exception:  # what a stranger's server can make us stumble over is no answer
        logger.exception("a look failed")
        return None


def _bare(name: str) -> str:
    return name.lower().removesuffix(".")
