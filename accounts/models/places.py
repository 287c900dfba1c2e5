"""What a person's memberships let them see: read once a request, and asked by every ``visible_to``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Value
from django.db.models.functions import JSONObject

_CACHE = "_places"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A membership, or what acting for a client gives. ``reseller``: the account's. ``domains`` None: all of
    the account's."""

    account: int
    kind: str
    role: str
    reseller: int | None = None
    domains: frozenset[int] | None = None

    def reaches(self, domain: int) -> bool:
        return self.domains is None or domain in self.domains


@dataclass(frozen=True, slots=True)
class Places:
    places: tuple[Place, ...]

    @property
    def accounts(self) -> list[int]:
        return [place.account for place in self.places]

    @property
    def resellers(self) -> list[int]:
        """Those whose clients the person sees: a place for some domains only is none for clients."""
        return [place.account for place in self.places if place.kind == "reseller" and place.domains is None]

    def domain_filter(self) -> Q:
        whole = [place.account for place in self.places if place.domains is None]
        some = [pk for place in self.places if place.domains is not None for pk in place.domains]
        found = Q(account__in=whole) | Q(account__reseller__in=self.resellers)
        return found | Q(pk__in=some) if some else found


def places_of(user: Any) -> Places:
    """One query the first time. Members of an account that may not sign in, itself or by its reseller, or
    that is deleted, have no place there."""
    if not hasattr(user, _CACHE):
        setattr(user, _CACHE, _acting(user) if user.acting_for else _own(user))
    found: Places = getattr(user, _CACHE)
    return found


def places_forget(user: Any) -> None:
    """After a change of memberships in the same request."""
    for name in (_CACHE, "places_found"):
        if hasattr(user, name):
            delattr(user, name)


def _acting(user: Any) -> Places:
    client = user.acting_for
    return Places((Place(account=client.pk, kind=client.kind, role="owner", reseller=client.reseller_id),))


def place_rows(memberships: Any) -> Any:
    """A query: one object a membership that counts, see ``_own``."""
    asleep = Q(account__no_sign_in=True) | Q(account__deleted_at__isnull=False)
    above = Q(account__reseller__no_sign_in=True) | Q(account__reseller__deleted_at__isnull=False)
    place = JSONObject(
        account="account_id",
        kind="account__kind",
        role="role",
        reseller="account__reseller_id",
        whole="all_domains",
        some=_SOME,
    )
    return memberships.exclude(asleep).exclude(above).values("pk").annotate(place=place).values("place")


_SOME = ArrayAgg("scopes__domain_id", filter=Q(scopes__isnull=False), default=Value([]))


def _own(user: Any) -> Places:
    if user.pk is None or user._meta.label != settings.AUTH_USER_MODEL:  # a mailbox's user has no place here
        return Places(())
    found = getattr(user, "places_found", None)  # accounts.backends brought them along
    if found is None:
        found = [row["place"] for row in place_rows(user.memberships.all())]
    return Places(
        tuple(
            Place(
                account=row["account"],
                kind=row["kind"],
                role=row["role"],
                reseller=row["reseller"],
                domains=None if row["whole"] else frozenset(row["some"]),
            )
            for row in found
        )
    )
