"""Filters that people keep under a name, for themselves alone."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Right, require, require_somewhere
from accounts.models import Domain, User
from delivery.models import SavedFilter
from lib.errors import Refused

MOST = 30


@transaction.atomic
def filter_save(*, actor: User, domain: Domain | None, name: str, query: str) -> SavedFilter:
    """For the list of ``domain``, or of all. One of the same name there is replaced. ``query``: checked."""
    if domain is None:
        require_somewhere(actor, Right.SETTINGS)
    else:
        require(actor, Right.SETTINGS, account=domain.account, domain=domain)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    mine = SavedFilter.objects.visible_to(actor)
    if not query:
        raise Refused(_("Nothing is filtered yet. Choose something first, then keep it."), "name")
    if mine.count() >= MOST and not mine.filter(domain=domain, name=name).exists():
        raise Refused(
            _("You keep %(n)s filters already. Delete one that you no longer need.") % {"n": MOST}, "name"
        )
    saved: SavedFilter
    saved, _made = mine.update_or_create(user=actor, domain=domain, name=name, defaults={"query": query})
    return saved


@transaction.atomic
def filter_delete(*, actor: User, saved: SavedFilter) -> None:
    SavedFilter.objects.visible_to(actor).filter(pk=saved.pk).delete()
