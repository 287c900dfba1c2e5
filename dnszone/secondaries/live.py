"""Asking one name server for the serials of many zones: bounded in time, no database."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rdataclass
import dns.rdatatype

SECONDS = 25.0  # for all of one look
ANSWER_SECONDS = 2.0
TRIES = 3
THREADS = 8
NOT_THERE = -1

Place = tuple[str, int]


class Silent(Exception):
    """It did not answer."""


def serials(server: Place, zones: list[str]) -> dict[str, int]:
    """The serial that ``server`` answers for each of ``zones`` (A-labels), NOT_THERE where it says that it
    has none. What was not asked in time, or was not answered, is left out. Raises Silent when it does not
    answer the first question, asked TRIES times; with no zones that is one about the root."""
    until = time.monotonic() + SECONDS
    first, *others = zones or ["."]
    found = {first: _first(server, first)}

    def ask(name: str) -> None:
        if time.monotonic() < until:
            try:
                found[name] = serial(server, name)
            except Silent:
                return

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(ask, others))
    return found


def _first(server: Place, name: str) -> int:
    for _number in range(TRIES - 1):
        try:
            return serial(server, name)
        except Silent:
            continue
    return serial(server, name)


def serial(server: Place, name: str) -> int:
    """Raises Silent."""
    wanted = dns.name.from_text(name)
    query = dns.message.make_query(wanted, dns.rdatatype.SOA)
    query.flags &= ~dns.flags.RD
    try:
        answer = dns.query.udp(query, server[0], timeout=ANSWER_SECONDS, port=server[1])
    except (dns.exception.DNSException, OSError) as error:
        raise Silent from error
    rrset = answer.get_rrset(answer.answer, wanted, dns.rdataclass.IN, dns.rdatatype.SOA)
    return int(rrset[0].serial) if rrset and answer.flags & dns.flags.AA else NOT_THERE


def behind(wanted: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Which of ``found`` are older than ``wanted`` (RFC 1982 §3.2), or not there."""
    return sorted(
        name
        for name, is_now in found.items()
        if name in wanted and (is_now == NOT_THERE or (is_now - wanted[name]) % 2**32 >= 2**31)
    )
