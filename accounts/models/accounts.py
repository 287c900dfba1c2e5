"""Accounts (customers and resellers), the plans they are on, and who has which place in them."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.limits import Limits, in_range
from accounts.models.places import places_of
from accounts.models.suspension import Suspendable, dated


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: Any) -> Self:
        """A reseller's own plans; the provider's are for the provider."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser and not user.acting_for:
            return self
        return self.filter(reseller__in=places_of(user).resellers)


@pghistory.track()
class Plan(Limits):
    """Limits under a name. Those of an account on a plan are the plan's, copied when either changes.
    ``reseller`` None: the provider's own. ``pool``: of the mail servers that take its new domains
    (provision.placement), chosen by the provider; empty: those in no pool."""

    reseller = models.ForeignKey(
        "Account", on_delete=models.CASCADE, null=True, blank=True, related_name="plans_offered"
    )
    name = models.CharField(_("name"), max_length=80)
    pool = models.SlugField(
        _("pool of mail servers"), max_length=32, blank=True, db_default="", default="", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("reseller", Lower("name"), name="plan_name_once", nulls_distinct=False),
            *in_range("plan"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: Any) -> Self:
        """This person's accounts, and the clients of those that are resellers; the provider sees all. While
        somebody acts for a client: that client alone."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser and not user.acting_for:
            return self
        places = places_of(user)
        return self.filter(Q(pk__in=places.accounts) | Q(reseller__in=places.resellers))

    def present(self) -> Self:
        return self.filter(deleted_at__isnull=True)


@pghistory.track()
class Account(Limits, Suspendable):
    """A customer or a reseller: what owns domains and what limits are measured against. A reseller's limits
    are its pool: what its clients may have in sum, and it for itself, unless ``oversell``. ``trusted``: its
    domains, and its clients', need no proof. ``deleted_at``: asleep, and gone for good after GRACE."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        RESELLER = "reseller", _("reseller")

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.CUSTOMER)
    name = models.CharField(_("name"), max_length=120)
    reseller = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="clients"
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts")
    oversell = models.BooleanField(_("may hand out more than its pool"), default=False)
    trusted = models.BooleanField(_("domains need no proof"), default=False)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="accounts.Membership", related_name="accounts"
    )
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="customer") | Q(reseller__isnull=True),
                name="account_reseller_has_none_above",
            ),
            *in_range("account"),
            dated("account"),
        ]
        indexes = [
            models.Index("reseller", Lower("name"), "id", name="account_list"),
            models.Index(
                fields=["deleted_at"], name="account_deleted", condition=Q(deleted_at__isnull=False)
            ),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="account_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def suspended_with(self) -> Account | None:
        return self.reseller


class InAccountQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Those of the accounts that this person sees; what may be done with them is accounts.access's."""
        return self.filter(account__in=Account.objects.visible_to(user))


@pghistory.track()
class Membership(models.Model):
    """A person's place in an account. ``all_domains`` False: only those of ``domains``."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MANAGER = "manager", _("manager")
        CREATOR = "creator", _("mailbox creator")
        READER = "reader", _("read only")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.OWNER)
    all_domains = models.BooleanField(_("all domains"), default=True)
    domains = models.ManyToManyField(
        "accounts.Domain", through="accounts.MembershipDomain", related_name="+", blank=True
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    objects: ClassVar[Any] = InAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=~Q(role="owner") | Q(all_domains=True), name="membership_owner_has_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.account}"


@pghistory.track()
class MembershipDomain(models.Model):
    """One of the domains that somebody's place is for."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="scopes")
    domain = models.ForeignKey("accounts.Domain", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "domain"], name="membership_domain_once")
        ]


@pghistory.track(exclude=["nonce"])
class Invitation(models.Model):
    """Somebody was asked to join. Its link is signed with ``nonce`` and dies when it is accepted or revoked,
    or at ``expires_at``. ``domain_ids``: what a place that is not for all domains is for."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=8, choices=Membership.Role.choices)
    all_domains = models.BooleanField(_("all domains"), default=True)
    domain_ids = models.JSONField(default=list, blank=True)
    nonce = models.CharField(max_length=43)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = InAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "account",
                Lower("email"),
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return self.email
