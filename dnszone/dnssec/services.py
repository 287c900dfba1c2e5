"""DNSSEC on, off, and keys exchanged; each in an order that no resolver can stumble over (deciding).

push Zone(signing=[1]) → the name servers make their keys and sign → their reports carry the public halves
(signing_on_live) → with several servers each publishes the others' too (signing_settle) → once answers of
before are forgotten, the owner gives the DS to the registrar → Beat looks at the zone above (live)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right
from accounts.limits import feature_check
from accounts.models import User
from dnszone.desired import state
from dnszone.dnssec import deciding, ds, saying, status
from dnszone.models import SigningKey, SigningWatch, Zone, ZoneSigning
from dnszone.schedule import TASK_DNSSEC_SETTLE
from dnszone.selectors import rows_of
from dnszone.selectors.signing import alias_owners
from dnszone.services.store import allowed, enqueue, key_of, locked, next_serial
from lib.errors import Refused
from nodeagent.contract import ROLE_SECONDARY
from provision import broker
from provision.models import Node, Push
from provision.schedule import PANEL_QUEUE
from provision.selectors import dns_nodes

TTL_AT_LEAST = 3600  # negative answers and the SOA (dnszone.desired.soa)
TTL_AT_MOST = 604_800  # no resolver keeps anything longer than a week (RFC 8767 §4)


@transaction.atomic
def dnssec_on(*, actor: User | None, zone: Zone) -> ZoneSigning:
    """The name servers make a key each and sign. Nothing can break: nobody expects signatures before the DS
    is at the zone above."""
    zone, signing = _for_change(actor, zone)
    if signing.generations:
        raise Refused(_("DNSSEC is on already."))
    if owners := alias_owners(rows_of(zone)):
        raise Refused(
            _("An ALIAS cannot be signed: replace the one at %(names)s by A and AAAA records first.")
            % {"names": ", ".join(owners[:5])}
        )
    return _set(actor, zone, signing, [signing.last + 1])


@transaction.atomic
def dnssec_off(*, actor: User | None, zone: Zone, anyway: bool = False) -> ZoneSigning:
    """Takes all signatures and keys away for good. Refused while a resolver may expect them
    (deciding.may_switch_off), unless ``anyway``."""
    zone, signing = _for_change(actor, zone)
    if not signing.generations:
        raise Refused(_("DNSSEC is off already."))
    verdict = deciding.may_switch_off(status.of(zone), timezone.now())
    if not verdict.ok and not anyway:
        raise Refused(saying.why_not(verdict))
    return _set(actor, zone, signing, [])


@transaction.atomic
def rollover_start(*, actor: User | None, zone: Zone) -> ZoneSigning:
    """A second key that signs beside the first, on every name server."""
    zone, signing = _for_change(actor, zone)
    if len(signing.generations) != 1:
        raise Refused(
            _("A new key is there already: finish this exchange, or cancel it.")
            if signing.generations
            else _("DNSSEC is off: there is no key to exchange.")
        )
    if status.of(zone).complete_at is None:
        raise Refused(_("The name servers are still making the first key. Try again in a minute."))
    return _set(actor, zone, signing, [*signing.generations, signing.last + 1])


@transaction.atomic
def rollover_finish(*, actor: User | None, zone: Zone) -> ZoneSigning:
    """The old key goes. Refused with what is missing (deciding.may_finish)."""
    zone, signing = _for_change(actor, zone)
    _refuse_unless(deciding.may_finish(status.of(zone), timezone.now()))
    return _set(actor, zone, signing, signing.generations[-1:])


@transaction.atomic
def rollover_cancel(*, actor: User | None, zone: Zone) -> ZoneSigning:
    """The new key goes. Refused while a resolver may expect it (deciding.may_cancel)."""
    zone, signing = _for_change(actor, zone)
    _refuse_unless(deciding.may_cancel(status.of(zone), timezone.now()))
    return _set(actor, zone, signing, signing.generations[:-1])


def _for_change(actor: User | None, zone: Zone) -> tuple[Zone, ZoneSigning]:
    zone = locked(zone)
    allowed(actor, Right.ZONE, zone)
    if actor is not None and zone.domain is not None:
        feature_check(zone.domain.account, "dns_editing")
    signing = ZoneSigning.objects.filter(zone=zone).first() or ZoneSigning(zone=zone)
    return zone, signing


def _refuse_unless(verdict: deciding.Verdict) -> None:
    if not verdict.ok:
        raise Refused(saying.why_not(verdict))


def _set(actor: User | None, zone: Zone, signing: ZoneSigning, generations: list[int]) -> ZoneSigning:
    """Keys that are no longer wanted keep what was seen of their DS; a new generation makes all wait until
    answers without it are forgotten."""
    rows = rows_of(zone)
    grew = len(generations) > len(signing.generations)
    signing.generations, signing.last = generations, max([signing.last, *generations])
    signing.save()
    made = SigningKey.objects.filter(zone=zone, state=SigningKey.State.MADE)
    made.exclude(generation__in=generations).update(
        state=SigningKey.State.REMOVED, ended_at=timezone.now(), shown=False
    )
    watch = watch_of(zone)
    watch.since = watch.next_check_at = timezone.now()
    if grew:
        watch.complete_at = None
        watch.zone_ttl = min(max([TTL_AT_LEAST, *(row.ttl for row in rows)]), TTL_AT_MOST)
    watch.save()
    _raise_for_secondaries(zone)
    enqueue(actor, zone, state(zone, rows))
    return signing


def _raise_for_secondaries(zone: Zone) -> None:
    """They take a zone with other keys only by a higher serial; what signs by itself needs none."""
    if Node.objects.filter(roles__contains=[ROLE_SECONDARY]).exists():
        zone.serial = next_serial(zone.serial)
        zone.save(update_fields=["serial"])


def watch_of(zone: Zone) -> SigningWatch:
    """Under its lock, made if need be."""
    watch, _made = SigningWatch.objects.select_for_update().get_or_create(zone=zone)
    return watch


def signing_on_live(push: Push, facts: dict[str, Any]) -> None:
    """For provision: the zone is proven to be served; the node's public keys are kept. A key that is another
    one than before means that the node lost its own."""
    generations = (push.payload or {}).get("signing") or []
    zone = Zone.objects.filter(name=push.key.partition("/")[2]).first() if generations else None
    if zone is None:
        return
    found = facts.get("keys")
    news = [_keep(push, zone, number, found.get(str(number))) for number in generations if found]
    waiting = SigningWatch.objects.filter(zone=zone, complete_at=None).exists()
    if any(news) or waiting:
        transaction.on_commit(lambda: _settle_soon(zone.pk), robust=True)


def _keep(push: Push, zone: Zone, generation: int, fact: Any) -> bool:
    """Whether this key is new here."""
    key = ds.key(str(fact.get("dnskey"))) if isinstance(fact, dict) else None
    if key is None:
        raise ValueError(f"node {push.node_id} reports a key of {zone} that is none")
    made = SigningKey.objects.filter(
        zone=zone, node=push.node_id, generation=generation, state=SigningKey.State.MADE
    )
    if made.filter(dnskey=key.text).exists():
        return False
    made.update(state=SigningKey.State.LOST, ended_at=timezone.now(), shown=False)
    SigningWatch.objects.filter(zone=zone).update(complete_at=None, next_check_at=timezone.now())
    SigningKey.objects.create(
        zone=zone,
        node_id=push.node_id,
        generation=generation,
        key_tag=key.tag,
        algorithm=key.algorithm,
        dnskey=key.text,
        ds=[one.rdata for one in ds.records(zone.name, key.text)],
    )
    return True


def _settle_soon(pk: int) -> None:
    with suppress(broker.BrokerAway):  # Beat does it later
        broker.send(TASK_DNSSEC_SETTLE, PANEL_QUEUE, pk)


@transaction.atomic
def signing_settle(*, zone: Zone) -> None:
    """After reports: every name server publishes the keys of all; when all do, the zone is completely signed.
    In a transaction of its own, with its locks in the one order: reports of two servers would wait for each
    other."""
    zone = locked(zone)
    wanted = state(zone, rows_of(zone))
    if not wanted.signing:
        return
    nodes = {node.pk for node in dns_nodes()}
    pushes = list(Push.objects.filter(key=key_of(zone), node__in=nodes))
    if any((push.payload or {}).get("dnskeys", []) != wanted.dnskeys for push in pushes):
        _raise_for_secondaries(zone)
        enqueue(None, zone, state(zone, rows_of(zone)))
        return
    watch = watch_of(zone)
    if watch.complete_at is None and _is_complete(zone, wanted.signing, pushes, nodes):
        watch.complete_at = watch.next_check_at = timezone.now()
        watch.save(update_fields=["complete_at", "next_check_at"])


def _is_complete(zone: Zone, generations: Sequence[int], pushes: Sequence[Push], nodes: set[int]) -> bool:
    made = set(
        SigningKey.objects.filter(zone=zone, state=SigningKey.State.MADE).values_list("node", "generation")
    )
    if len(nodes) > 1 and any(push.applied_rev < push.desired_rev for push in pushes):
        return False
    return bool(nodes) and {(node, number) for node in nodes for number in generations} <= made


@transaction.atomic
def ds_seen(*, zone: Zone, found: Sequence[str] | None, ttl: int, at: datetime) -> None:
    """What the zone above has (rdata of DS records), in a look at ``at``; ``found`` None: it could not be
    asked."""
    if not Zone.objects.filter(pk=zone.pk).exists():
        return  # deleted meanwhile
    watch = watch_of(zone)
    if watch.asked_at is not None and watch.asked_at > at:
        return  # a slow look that a newer one overtook
    watch.asked_at = at
    if found is not None:
        texts = sorted({ds.canonical(text) for text in found})
        _note_keys(zone, texts, ttl, at, watch.seen_at)
        watch.ds, watch.ds_ttl, watch.seen_at = texts, ttl, at
    watch.next_check_at = at + status.pause(status.of(zone, watch), at, watch.since)
    watch.save()


def _note_keys(zone: Zone, texts: list[str], ttl: int, at: datetime, before: datetime | None) -> None:
    for row in SigningKey.objects.filter(zone=zone, state=SigningKey.State.MADE).select_for_update():
        shown = bool(ds.of_key(zone.name, row.dnskey, texts))
        key = deciding.seen(status.key_of(row), shown=shown, ttl=ttl, at=at, before=before)
        row.shown, row.ds_seen_at, row.ds_gone_at, row.ds_ttl = (
            key.shown,
            key.seen_at,
            key.gone_at,
            key.ttl,
        )
        row.save(update_fields=["shown", "ds_seen_at", "ds_gone_at", "ds_ttl"])
