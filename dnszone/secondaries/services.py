"""Looking at the secondary name servers once a minute: those zones first that were behind and that changed
last, then some more of all. DNS is asked with no transaction open."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone

from dnszone.models import SecondaryWatch, Zone
from dnszone.secondaries import live
from nodeagent import contract
from provision.models import Node, Push

logger = logging.getLogger(__name__)

ASKED_AT_MOST = 200  # questions a look, to each server
BEHIND_ASKED = 60
RECENT_ASKED = 60
BEHIND_KEPT = 1000
GRACE = timedelta(seconds=20)  # a change is on its way that long


def look_at_all() -> None:
    for node in Node.objects.filter(roles__contains=[contract.ROLE_SECONDARY]).order_by("pk"):
        look(node)


def look(node: Node) -> SecondaryWatch:
    """Asks the server and keeps what it said."""
    watch = SecondaryWatch.objects.filter(node=node).first()
    begun = timezone.now()
    wanted, upto = _wanted(watch, begun)
    try:
        found = live.serials(_place(node), list(wanted))
    except live.Silent:
        return _kept(node, begun, None, {}, upto)
    return _kept(node, begun, live.behind(wanted, found), found, upto)


def _place(node: Node) -> live.Place:
    """Raises Silent for a server without an address."""
    if not node.addresses:
        raise live.Silent
    return str(node.addresses[0]), int(node.ports.get("dns", 53))


def _wanted(watch: SecondaryWatch | None, now: datetime) -> tuple[dict[str, int], int]:
    """Zone → serial of those to ask about, and the last zone of the walk; 0: it came to the end. Only what
    the primaries have proved to answer, for a while."""
    zones = Zone.objects.values_list("pk", "name", "serial")
    known = list(islice(sorted(watch.behind, key=watch.behind.__getitem__), BEHIND_ASKED)) if watch else []
    rows = list(zones.filter(name__in=known))
    rows += zones.order_by("-serial")[:RECENT_ASKED]
    room = ASKED_AT_MOST - len({row[0] for row in rows})
    walk = list(zones.filter(pk__gt=watch.upto if watch else 0).order_by("pk")[:room])
    serials = {name: serial for _pk, name, serial in (*rows, *walk)}
    keys = [f"{contract.Zone.KIND}/{name}" for name in serials]
    # Read after the serials: what is live now had them.
    rows_ = Push.objects.filter(key__in=keys).values_list("key", "desired_rev", "applied_rev", "applied_at")
    pushes = list(rows_)
    fresh = now - GRACE
    moving = {
        key.partition("/")[2]
        for key, desired, applied, at in pushes
        if applied < desired or at is None or at > fresh
    }
    held = {key.partition("/")[2] for key, *_rest in pushes}
    asked = {name: serials[name] for name in serials if name in held and name not in moving}
    return asked, walk[-1][0] if len(walk) == room and walk else 0


@transaction.atomic
def _kept(
    node: Node, begun: datetime, behind: list[str] | None, found: dict[str, int], upto: int
) -> SecondaryWatch:
    """``behind`` None: it does not answer, and what was known of its zones stays."""
    SecondaryWatch.objects.get_or_create(node=node, defaults={"looked_at": begun})
    watch = SecondaryWatch.objects.select_for_update().get(node=node)
    watch.looked_at = begun
    if behind is None:
        if watch.silent_since is None:
            logger.warning("the name server %s does not answer", node)
        watch.silent_since = watch.silent_since or begun
        watch.save()
        return watch
    watch.silent_since = None
    since = dict(watch.behind)
    late = {name: since.get(name) or begun.isoformat() for name in behind}
    left = {name: at for name, at in since.items() if name not in found}
    there = set(Zone.objects.filter(name__in=left).values_list("name", flat=True))
    watch.behind = dict(
        islice((late | {name: left[name] for name in left if name in there}).items(), BEHIND_KEPT)
    )
    if upto == 0:
        watch.whole_at = begun
    watch.upto = upto
    watch.save()
    return watch
