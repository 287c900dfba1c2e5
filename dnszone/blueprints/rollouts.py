"""A template's change on its way to zones: chosen, previewed, applied zone by zone; whoever stops it, it goes
on where it was."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.clients.plans import looks_after
from accounts.models import User
from dnszone import services
from dnszone.blueprints.merging import Plan
from dnszone.blueprints.selectors import outlook, zones_offered
from dnszone.blueprints.uses import use_note
from dnszone.models import ZoneRollout, ZoneRolloutItem, ZoneTemplate, ZoneTemplateUse
from dnszone.models.editing import Origin
from dnszone.schedule import TASK_ROLLOUTS
from dnszone.services import Note
from lib import languages
from lib.errors import Denied, Refused
from lib.said import gettext as _
from lib.said import ngettext
from provision import broker
from provision.schedule import PANEL_QUEUE

logger = logging.getLogger(__name__)

ZONES_MAX = 5_000
FORGOTTEN = timedelta(days=1)  # previews that nobody applied
AT_ONCE = 20  # in the request; more are a task's
State = ZoneRollout.State
Item = ZoneRolloutItem.State


@transaction.atomic
def rollout_create(*, actor: User, template: ZoneTemplate, zones: Iterable[int]) -> ZoneRollout:
    """To be previewed. Zones that are not offered are no choice. Raises Refused when none is left."""
    looks_after(actor, template.owner)
    keys = list(dict.fromkeys(zones))
    found = list(
        zones_offered(actor, template)
        .filter(pk__in=keys)
        .order_by("name")
        .values_list("pk", "serial")[: ZONES_MAX + 1]
    )
    if not found:
        raise Refused(_("No zone was chosen. Tick some first."))
    if len(found) > ZONES_MAX:
        raise Refused(_("Choose %(max)d zones at most at once.") % {"max": ZONES_MAX})
    made = ZoneRollout.objects.create(template=template, revision=template.revision, actor=actor)
    ZoneRolloutItem.objects.bulk_create(
        [ZoneRolloutItem(rollout=made, zone_id=pk, serial=serial) for pk, serial in found], batch_size=1000
    )
    return made


@transaction.atomic
def rollout_again(*, actor: User, rollout: ZoneRollout) -> ZoneRollout:
    """The zones of ``rollout`` that are not done, to be previewed as they and the template are now."""
    left = rollout.items.filter(state__in=[Item.WAITING, Item.FAILED])
    return rollout_create(actor=actor, template=rollout.template, zones=left.values_list("zone", flat=True))


@transaction.atomic
def rollout_start(*, actor: User, rollout: ZoneRollout) -> ZoneRollout:
    """From preview to running; small ones are to be carried on at once (``rollout_run``), others by a task.
    Refused when the template was changed since the preview; a second start changes nothing."""
    looks_after(actor, rollout.template.owner)
    locked = ZoneRollout.objects.select_for_update().select_related("template").get(pk=rollout.pk)
    if locked.state != State.PREVIEW:
        return locked
    if locked.template.revision != locked.revision:
        raise Refused(_("The template was changed since this preview. Choose the zones again."))
    locked.state, locked.actor, locked.moved_at = State.RUNNING, actor, timezone.now()
    locked.save(update_fields=["state", "actor", "moved_at"])
    return locked


def rollout_soon() -> None:
    """Have the worker carry on; without a broker, Beat does soon."""
    with suppress(broker.BrokerAway):
        broker.send(TASK_ROLLOUTS, PANEL_QUEUE)


def rollouts_go_on(*, limit: int = 200) -> int:
    """Beat, and whoever started one: carries on all that run, ``limit`` zones at most; how many were left."""
    ZoneRollout.objects.filter(state=State.PREVIEW, created_at__lt=timezone.now() - FORGOTTEN).delete()
    left = 0
    for rollout in ZoneRollout.objects.filter(state=State.RUNNING).order_by("pk"):
        limit -= rollout_run(rollout, limit=max(limit, 0))
        left += rollout.items.filter(state=Item.WAITING).count()
    return left


def rollout_run(rollout: ZoneRollout, *, limit: int) -> int:
    """Applies ``rollout`` to at most ``limit`` zones that wait, each in a transaction of its own; how
    many."""
    done = 0
    while done < limit and (item := _next(rollout)):
        with languages.reading(rollout.actor.language if rollout.actor else ""):
            _apply(rollout, item)
        done += 1
    waiting = rollout.items.filter(state=Item.WAITING)
    if not waiting.exists():
        ZoneRollout.objects.filter(pk=rollout.pk, state=State.RUNNING).update(state=State.DONE)
    return done


def _next(rollout: ZoneRollout) -> ZoneRolloutItem | None:
    found: ZoneRolloutItem | None = rollout.items.filter(state=Item.WAITING).order_by("pk").first()
    return found


def _apply(rollout: ZoneRollout, item: ZoneRolloutItem) -> None:
    """A second worker at the same zone waits for the row, and finds it done."""
    try:
        with transaction.atomic():
            locked = (
                ZoneRolloutItem.objects.select_for_update().filter(pk=item.pk, state=Item.WAITING).first()
            )
            if locked is not None:
                locked.state, locked.words = _applied(rollout, locked)
                locked.save(update_fields=["state", "words"])
    except (Refused, Denied) as error:
        ZoneRolloutItem.objects.filter(pk=item.pk).update(state=Item.FAILED, words=error.message)
    except IntegrityError:  # a rule that only the database saw broken: this zone's trouble, not the others'
        logger.exception("zone %s refused the template", item.zone_id)
        words = _("The database refused these records. Nothing was changed in this zone.")
        ZoneRolloutItem.objects.filter(pk=item.pk).update(state=Item.FAILED, words=words)
    ZoneRollout.objects.filter(pk=rollout.pk).update(moved_at=timezone.now())


def _applied(rollout: ZoneRollout, item: ZoneRolloutItem) -> tuple[str, str]:
    actor, template = rollout.actor, rollout.template
    if actor is None:
        raise Refused(_("Who started this is no longer here. Start it again."))
    zone = zones_offered(actor, template).filter(pk=item.zone_id).first()
    if zone is None:
        raise Refused(_("This domain left your clients, or is suspended."))
    use = ZoneTemplateUse.objects.filter(zone=zone, template=template).first()
    if use is not None and use.revision >= rollout.revision:
        return Item.SAME, ""
    text = template.revisions.get(number=rollout.revision).text
    seen = outlook(zone, template, text)
    if not seen.plan.empty:
        note = Note(origin=Origin.TEMPLATE, title=template.name)
        if zone.serial != item.serial:
            raise Refused(_("Somebody changed this zone after the preview. Look at it again."))
        services.zone_apply(
            actor=actor, zone=zone, changes=seen.plan.changes, base_serial=item.serial, note=note
        )
    use_note(zone=zone, template=template, revision=rollout.revision, values=seen.values)
    return (Item.SAME if seen.plan.empty else Item.DONE), kept_words(seen.plan)


def kept_words(plan: Plan) -> str:
    """``Kept: www A (it was changed by hand).``"""
    if not plan.kept:
        return ""
    parts = [f"{kept.row.owner} {kept.row.type} ({kept.why})" for kept in plan.kept[:10]]
    more = len(plan.kept) - len(parts)
    words = _("Kept: %(what)s.") % {"what": ", ".join(parts)}
    return words + (" " + ngettext("And %(n)d more.", "And %(n)d more.", more) % {"n": more} if more else "")
