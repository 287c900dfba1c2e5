"""Who owns what: people, accounts (customers and resellers) and domains."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(email=email.strip().lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in to the panel with an e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_staff = models.BooleanField(_("works for the provider"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    theme = models.CharField(
        _("colours"),
        max_length=5,
        choices=[("", _("As the device says")), ("light", _("Light")), ("dark", _("Dark"))],
        blank=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: Any) -> Self:
        """This person's accounts, and the clients of those that are resellers; the provider sees all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        mine = Membership.objects.filter(user=user).values("account")
        return self.filter(models.Q(pk__in=mine) | models.Q(reseller__in=mine))


@pghistory.track()
class Account(models.Model):
    """A customer or a reseller: what owns domains and what limits are measured against."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        RESELLER = "reseller", _("reseller")

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.CUSTOMER)
    name = models.CharField(_("name"), max_length=120)
    reseller = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="clients"
    )
    members = models.ManyToManyField(User, through="Membership", related_name="accounts")
    storage_mb = models.PositiveIntegerField(_("storage (MB)"), default=20_480)
    max_mailboxes = models.PositiveIntegerField(_("mailboxes"), default=25)
    max_domains = models.PositiveIntegerField(_("domains"), default=10)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="customer") | models.Q(reseller__isnull=True),
                name="account_reseller_has_none_above",
            )
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Membership(models.Model):
    """A person's place in an account."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.OWNER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.account}"


class DomainQuerySet(models.QuerySet["Domain"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(account__in=Account.objects.visible_to(user))


@pghistory.track()
class Domain(models.Model):
    """A domain of an account. ``name``: A-labels, lower case, no last dot. ``display_name``: for people."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="domains")
    name = models.CharField(_("domain"), max_length=253, unique=True, db_collation="C")
    display_name = models.CharField(max_length=253)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = DomainQuerySet.as_manager()

    def __str__(self) -> str:
        return self.display_name
