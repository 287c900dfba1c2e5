"""Looking whether domains that wait are proved: DNS first, with no transaction open, then what follows."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from django.db import connection
from django.utils import timezone

from accounts.domains import claims, proof
from accounts.domains.proof import Block, Finding, Servers, Txt
from accounts.models import DomainClaim
from dnszone import provider
from lib import delegation, resolver
from lib.errors import Refused
from panel import lifecycle
from panel.schedule import TASK_LOOK
from provision import broker
from provision.schedule import PANEL_QUEUE

logger = logging.getLogger(__name__)

AT_ONCE = 16  # claims that are looked at side by side
ONE_LOOK = 8.0  # seconds that the DNS of one claim may take; no server can hold us longer
ALL_LOOKS = (
    40.0  # after which the next run goes on, so that a pool of slow servers keeps one thread, not more
)
_LOOKING = 0x706F7375  # key of the advisory lock: one run at a time


def look_soon() -> None:
    """Have the claims that are due looked at now; without a broker, Beat asks soon."""
    with suppress(broker.BrokerAway):
        broker.send(TASK_LOOK, PANEL_QUEUE)


def look_at_all() -> int:
    """Everything that is due, for at most ALL_LOOKS; how many became domains. While somebody else does it:
    nothing."""
    proved, end = 0, time.monotonic() + ALL_LOOKS
    with _alone() as alone:
        while alone and time.monotonic() < end and (due := _due()):
            for claim, found in _looked_at(due):
                proved += settle(claim, found)
    return proved


def look(name: str, token: str) -> Finding:
    """What DNS says of a claim: the TXT record first, and name servers when it is not there. No database."""
    until = time.monotonic() + ONE_LOOK
    found = _texts(name, token, until)
    return found if found.txt == Txt.RIGHT else _servers(name, found, until)


def settle(claim: DomainClaim, found: Finding) -> bool:
    """Draw the consequences of one look; whether the claim is a domain now."""
    by, found = claims.judged(claim, found)
    if by:
        try:
            return lifecycle.claim_prove(actor=None, claim=claim, proof=by) is not None
        except Refused as refused:  # somebody was faster, or there is no node to take its mail
            taken = claims.is_taken(claim)
            found = found.but(Block.TAKEN) if taken else found.but(Block.REFUSED, refused.message)
    claims.claim_seen(claim=claim, finding=found, now=timezone.now())
    return False


def _due() -> list[DomainClaim]:
    rows = DomainClaim.objects.select_related("account__reseller")
    awake = rows.filter(account__deleted_at__isnull=True, account__reseller__deleted_at__isnull=True)
    return list(awake.filter(next_check_at__lte=timezone.now()).order_by("next_check_at")[:AT_ONCE])


def _looked_at(due: list[DomainClaim]) -> list[tuple[DomainClaim, Finding]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:  # no thread of it touches the database
        looks = [pool.submit(_look_safely, claim.name, claim.token) for claim in due]
        return [(claim, answer.result()) for claim, answer in zip(due, looks, strict=True)]


def _look_safely(name: str, token: str) -> Finding:
    """What a stranger's server can make us stumble over must not keep the others from their look."""
    try:
        return look(name, token)
    except Exception:
        logger.exception("the look at %s failed", name)
        return Finding(txt=Txt.AWAY, ns=Servers.AWAY)


def _texts(name: str, token: str, until: float) -> Finding:
    """As resolvers have it, and past their memory as the domain's own servers do."""
    record, found, away = proof.record_name(name), [], False
    try:
        found = resolver.lookup(record, "TXT", until=until)
    except resolver.ResolverAway as error:
        logger.info("not known: %s", error)
        away = True
    if not any(proof.is_proof(text, token) for text in found):
        found += delegation.at_source(record, "TXT", until=until)
    if any(proof.is_proof(text, token) for text in found):
        return Finding(txt=Txt.RIGHT)
    if found:
        return Finding(txt=Txt.OTHER, texts=tuple(found))
    return Finding(txt=Txt.AWAY if away else Txt.NONE)


def _servers(name: str, found: Finding, until: float) -> Finding:
    ours = provider.name_servers()
    try:
        servers = delegation.name_servers(name, until=until)
    except resolver.ResolverAway as error:
        logger.info("not known: %s", error)
        servers, away = [], True
    else:
        away = False
    if not delegation.is_to(servers, ours):
        # What resolvers get from the domain's own servers is as good as a TXT record: its owner wrote it.
        with suppress(resolver.ResolverAway):
            said = [server.lower().removesuffix(".") for server in resolver.lookup(name, "NS", until=until)]
            servers, away = (
                (said, False) if said and (away or delegation.is_to(said, ours)) else (servers, away)
            )
    kind = Servers.AWAY if away else Servers.NONE
    if servers:
        mixed = Servers.MIXED if set(servers) & set(ours) else Servers.ELSEWHERE
        kind = Servers.OURS if delegation.is_to(servers, ours) else mixed
    return Finding(txt=found.txt, texts=found.texts, ns=kind, servers=tuple(servers))


@contextmanager
def _alone() -> Iterator[bool]:
    """Across all processes, for as long as the database connection lives."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOOKING])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOOKING])
