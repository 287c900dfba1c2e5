"""The provider's rule: who needs a second step to sign in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require_provider
from accounts.models import SignInRules
from lib.errors import Refused

KNOWN = [value for value, _label in SignInRules.NEEDED]
STAFF, RESELLER = "staff", "reseller"


@transaction.atomic
def rules_set(*, actor: Any, roles: Iterable[str]) -> SignInRules:
    """Only the provider's own with all rights. Whoever needs a step and has none is led to set one up at the
    next click."""
    require_provider(actor)
    wanted = set(roles)
    if not wanted <= set(KNOWN):
        raise Refused(_("There is no such role."), "roles")
    SignInRules.objects.get_or_create(pk=1)
    rules = SignInRules.objects.select_for_update().get(pk=1)
    rules.roles = [role for role in KNOWN if role in wanted]
    rules.save(update_fields=["roles"])
    return rules


def lacks_second_step(user: Any) -> bool:
    """Whether the person of this request must set one up first. accounts.backends has brought along what
    this needs: no query."""
    return needs_second_step(user) and not user.has_second_step


def needs_second_step(user: Any) -> bool:
    wanted = set(getattr(user, "second_step_for", None) or ())
    return bool(wanted) and not wanted.isdisjoint(roles_of(user))


def roles_of(user: Any) -> set[str]:
    """In the words of SignInRules.NEEDED. Asked of the person, whomever they act for."""
    roles = {STAFF} if user.is_staff or user.is_superuser else set()
    for place in getattr(user, "own_places", ()):
        roles.add(place["role"])
        if place["kind"] == "reseller":
            roles.add(RESELLER)
    return roles
