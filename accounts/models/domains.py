"""Domains of accounts, and those that still wait for proof."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from accounts.models.places import places_of
from accounts.models.suspension import Suspendable, dated


class DomainQuerySet(models.QuerySet["Domain"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the accounts that this person has a place in or is the reseller of, as far as the place
        reaches."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser and not user.acting_for:
            return self
        return self.filter(places_of(user).domain_filter())


@pghistory.track()
class Domain(Suspendable):
    """A domain of an account, proved to be its. ``name``: A-labels, lower case, no last dot.
    ``display_name``: for people. ``proof``: how it was proved."""

    class Proof(models.TextChoices):
        TXT = "txt", _("a TXT record")
        DELEGATION = "delegation", _("its name servers are ours")
        PARENT = "parent", _("the domain above is in the same account")
        TRUSTED = "trusted", _("the account is trusted")
        STAFF = "staff", _("the provider’s word")
        BEFORE = "before", _("added before proof was asked for")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="domains")
    name = models.CharField(_("domain"), max_length=253, unique=True, db_collation="C")
    display_name = models.CharField(max_length=253)
    proof = models.CharField(_("proved by"), max_length=10, choices=Proof.choices, default=Proof.BEFORE)
    proved_at = models.DateTimeField(_("proved"), default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = DomainQuerySet.as_manager()

    class Meta:
        constraints = [dated("domain")]
        indexes = [
            models.Index(fields=["account", "name"], name="domain_list"),
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="domain_search"),
            GinIndex(OpClass("display_name", name="gin_trgm_ops"), name="domain_search_display"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def suspended_with(self) -> Account:
        return self.account


class DomainClaimQuerySet(models.QuerySet["DomainClaim"]):
    def visible_to(self, user: Any) -> Self:
        """Whoever sees all domains of the account."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser and not user.acting_for:
            return self
        places = places_of(user)
        whole = [place.account for place in places.places if place.domains is None]
        return self.filter(Q(account__in=whole) | Q(account__reseller__in=places.resellers))


@pghistory.track(exclude=["token", "checked_at", "next_check_at", "seen"])
class DomainClaim(models.Model):
    """A domain that an account says is its own: waiting for proof. Nothing is served for it and no node knows
    it; several accounts may claim the same name, and the first to prove it gets it. ``seen``: what the last
    look found, for the person who waits."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="claims")
    name = models.CharField(_("domain"), max_length=253, db_collation="C")
    display_name = models.CharField(max_length=253)
    token = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(_("last looked"), null=True, blank=True)
    next_check_at = models.DateTimeField(_("next look"), default=timezone.now)
    seen = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = DomainClaimQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="claim_once")]
        indexes = [
            models.Index(fields=["name"], name="claim_name"),
            models.Index(fields=["next_check_at"], name="claim_due"),
        ]

    def __str__(self) -> str:
        return self.display_name
