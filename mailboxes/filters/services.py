"""Filters: made, changed, ordered, switched, deleted. One script holds all of a mailbox or a domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Refused
from mailboxes.filters import rules
from mailboxes.filters.forwards import forwards_check, target_spelled
from mailboxes.filters.rules import Action, Condition
from mailboxes.models import DomainFilter, Filter, Mailbox, MailboxFilter, MailDomain, Match
from mailboxes.selectors import mailbox_locked
from mailboxes.services.rights import domain_allowed, own_or_allowed, person
from mailboxes.sieve.composing import domain_script_wanted, scripts_wanted
from provision.services import Wanted, push_enqueue

Owner = Mailbox | MailDomain
NAME_CHARACTERS = 100


def filters_of(owner: Owner) -> Any:
    """Those of a mailbox or a domain, in their order."""
    return _model(owner).objects.filter(owner_id=owner.pk).order_by("position")


@transaction.atomic
def filter_save(
    *,
    actor: Any,
    owner: Owner,
    row: Filter | None,
    name: str,
    match: str,
    conditions: Sequence[Condition],
    actions: Sequence[Action],
    stop: bool = True,
    enabled: bool = True,
) -> Filter:
    """A new one (``row`` None), the last of all, or another content of ``row``. Raises Refused."""
    _allowed(actor, owner)
    owner = _locked(owner)
    found = checked(name=name, match=match, conditions=conditions, actions=actions)
    others = list(filters_of(owner).exclude(pk=row.pk) if row else filters_of(owner))
    if len(others) >= rules.MOST_RULES:
        raise Refused(
            _("There can be at most %(most)d filters. Delete one first.") % {"most": rules.MOST_RULES}
        )
    if row is None:
        place = max((one.position for one in others), default=0) + 1
        row = _model(owner)(position=place, owner=owner)
    else:
        row = filters_of(owner).select_for_update().get(pk=row.pk)
    for field, value in {**found, "stop": stop, "enabled": enabled}.items():
        setattr(row, field, value)
    forwards_check(owner, [*others, row])
    row.save()
    _push(actor, owner)
    return row


@transaction.atomic
def filter_switch(*, actor: Any, row: Filter, enabled: bool) -> None:
    owner = row.owner
    _allowed(actor, owner)
    owner = _locked(owner)
    filters_of(owner).filter(pk=row.pk).update(enabled=enabled)
    _push(actor, owner)


@transaction.atomic
def filter_delete(*, actor: Any, row: Filter) -> None:
    owner = row.owner
    _allowed(actor, owner)
    owner = _locked(owner)
    filters_of(owner).filter(pk=row.pk).delete()
    _push(actor, owner)


@transaction.atomic
def filter_move(*, actor: Any, row: Filter, up: bool) -> None:
    """Change places with the one before or after it; the first cannot go up, the last not down."""
    owner = row.owner
    _allowed(actor, owner)
    owner = _locked(owner)
    order = list(filters_of(owner).values_list("pk", flat=True))
    if row.pk not in order:
        return
    place = order.index(row.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    # Out of the way first: no two may have one place, not even for a moment.
    filters_of(owner).update(position=F("position") + 1_000_000)
    for number, pk in enumerate(order, start=1):
        filters_of(owner).filter(pk=pk).update(position=number)
    _push(actor, owner)


def checked(
    *, name: str, match: str, conditions: Sequence[Condition], actions: Sequence[Action]
) -> dict[str, Any]:
    """As rows keep it. Raises Refused; at ``conditions.2.value`` for the third condition, and so on."""
    name = name.strip()
    if not name or len(name) > NAME_CHARACTERS or rules.CONTROL.search(name):
        raise Refused(_("Write a name of at most %(most)d characters.") % {"most": NAME_CHARACTERS}, "name")
    if match not in Match.values:
        raise Refused(_("Choose whether all or any of the conditions must fit."), "match")
    if not conditions:
        raise Refused(_("A filter needs at least one condition, or it would catch every mail."))
    if len(conditions) > rules.MOST_CONDITIONS or len(actions) > rules.MOST_ACTIONS:
        raise Refused(_("This filter is too long. Make two of it."))
    kept = [_at("conditions", place, rules.condition_checked, one) for place, one in enumerate(conditions)]
    done = [_at("actions", place, _action_checked, one) for place, one in enumerate(actions)]
    rules.together_checked(done)
    return {"name": name, "match": match, "conditions": rules.rows(kept), "actions": rules.rows(done)}


def _action_checked(action: Action) -> Action:
    action = rules.action_checked(action)
    if action.do != rules.FORWARD:
        return action
    return Action(do=action.do, value=target_spelled(action.value))


def _at(part: str, place: int, check: Any, thing: Any) -> Any:
    try:
        return check(thing)
    except Refused as refused:
        raise Refused(refused.message, f"{part}.{place}.{refused.field}") from None


def _allowed(actor: Any, owner: Owner) -> None:
    if isinstance(owner, Mailbox):
        own_or_allowed(actor, Right.MANAGE, owner)
    else:
        domain_allowed(actor, Right.MANAGE, owner.domain)


def _locked(owner: Owner) -> Owner:
    if isinstance(owner, Mailbox):
        return mailbox_locked(owner)
    return (
        MailDomain.objects.select_for_update(of=("self",)).select_related("domain", "node").get(pk=owner.pk)
    )


def _model(owner: Owner) -> Any:
    return MailboxFilter if isinstance(owner, Mailbox) else DomainFilter


def _push(actor: Any, owner: Owner) -> None:
    wanted: list[Wanted] = (
        scripts_wanted([owner]) if isinstance(owner, Mailbox) else [domain_script_wanted(owner)]
    )
    push_enqueue(actor=person(actor), wanted=wanted)
