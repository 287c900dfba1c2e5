"""Looking at the live MX of all domains that are due: DNS first, with no transaction open, then what
follows."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from dnszone import provider
from dnszone.models import Record
from lib.history import acting
from mailboxes.models import MailDomain
from mailboxes.routing import live, services
from mailboxes.routing.deciding import Answer, Finding, Whose
from nodeagent import contract
from provision.models import Node
from provision.selectors import statuses

logger = logging.getLogger(__name__)

AT_ONCE = 16  # side by side
ALL_LOOKS = 15.0  # seconds after which the next run goes on
LEASE = timedelta(minutes=2)  # what somebody looks at now is due for nobody else


def look_at_due() -> int:
    """Everything that is due, for about ALL_LOOKS; how many looks that were."""
    done, end = 0, time.monotonic() + ALL_LOOKS
    while time.monotonic() < end and (rows := _due()):
        done += _look_at(rows)
    return done


def look_at_one(pk: int) -> bool:
    """Look at one domain now. False: our name servers do not serve its zone as it is wanted yet, so it is too
    early."""
    rows = list(_whole().filter(pk=pk))
    if rows and _zone_moves(rows[0]):
        return False
    _look_at(rows)
    return True


@transaction.atomic
def _due() -> list[MailDomain]:
    now = timezone.now()
    rows = MailDomain.objects.filter(next_look_at__lte=now).order_by("next_look_at")
    keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:AT_ONCE])
    MailDomain.objects.filter(pk__in=keys).update(next_look_at=now + LEASE)
    return list(_whole().filter(pk__in=keys))


def _look_at(rows: Sequence[MailDomain]) -> int:
    if not rows:
        return 0
    ours, served = _ours({row.node_id for row in rows}), _served(rows)
    asked = [
        (live.Question(row.domain.name, served.get(row.domain.name), _known(row)), ours[row.node_id])
        for row in rows
    ]
    with ThreadPoolExecutor(min(AT_ONCE, len(rows))) as pool:  # no thread of it touches the database
        found = list(pool.map(lambda pair: _safely(*pair), asked))
    with acting(None, "task mailboxes.routing_look"):
        for row, finding in zip(rows, found, strict=True):
            services.look_store(mail_domain=row, finding=finding)
    return len(rows)


def _safely(question: live.Question, ours: live.Ours) -> Finding:
    """What a stranger's server can make us stumble over must not keep the others from their look."""
    try:
        return live.look(question, ours)
    except Exception:
        logger.exception("the look at the MX of %s failed", question.name)
        return Finding(Answer.AWAY)


def _whole() -> QuerySet[MailDomain]:
    rows: QuerySet[MailDomain] = MailDomain.objects.select_related("domain")
    return rows


def _ours(keys: Collection[int]) -> dict[int, live.Ours]:
    """For domains on each of these nodes."""
    nodes = list(Node.objects.filter(roles__contains=[contract.ROLE_MAIL]))
    servers = tuple(provider.name_servers())
    found = {}
    for key in keys:
        own = [node for node in nodes if node.pk == key]
        others = [node for node in nodes if node.pk != key]
        found[key] = live.Ours(_hosts(own), _addresses(own), servers, _hosts(others), _addresses(others))
    return found


def _hosts(nodes: Collection[Node]) -> frozenset[str]:
    return frozenset(node.host.lower().removesuffix(".") for node in nodes)


def _addresses(nodes: Collection[Node]) -> frozenset[str]:
    return frozenset(str(ipaddress.ip_address(one)) for node in nodes for one in node.addresses)


def _known(row: MailDomain) -> frozenset[str]:
    """Hosts that a look found to be ours, now or when it decided."""
    findings = [Finding.of(row.found), Finding.of(row.decided_why)]
    hosts = [host for finding in findings if finding for host in finding.hosts]
    return frozenset(host.name for host in hosts if host.whose == Whose.OURS)


def _served(rows: Sequence[MailDomain]) -> dict[str, frozenset[str]]:
    """Domain → the MX of its zone, for zones that our name servers are proven to serve as they are."""
    names = [row.domain.name for row in rows]
    live_now = {name for name, state in _states(names).items() if state == "live"}
    found: dict[str, set[str]] = {name: set() for name in live_now}
    records = Record.objects.filter(zone__name__in=live_now, owner="@", type="MX")
    for name, rdata in records.values_list("zone__name", "rdata"):
        found[name].add(rdata)
    return {name: frozenset(values) for name, values in found.items()}


def _zone_moves(row: MailDomain) -> bool:
    return _states([row.domain.name])[row.domain.name] not in {"live", "none"}


def _states(names: Collection[str]) -> dict[str, str]:
    keys = {f"{contract.Zone.KIND}/{name}": name for name in names}
    return {keys[key]: status.state for key, status in statuses(list(keys)).items()}
