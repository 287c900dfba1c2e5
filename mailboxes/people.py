"""Mailbox users: who has an address and its password, and no account here. ``request.user`` is then one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.suspension.inforce import Level, suspension_of
from mailboxes.models import Mailbox, MailboxLanguage

BACKEND = "mailboxes.people.MailboxBackend"
FRONT_PAGE = "/mailbox/"


class MailboxUserManager(models.Manager["MailboxUser"]):
    """Mailboxes that are there, with all that stands above them: one query."""

    def get_queryset(self) -> models.QuerySet[MailboxUser]:
        above = "mail_domain__domain__account__reseller"
        return (
            super()
            .get_queryset()
            .filter(deleted_at__isnull=True)
            .select_related(above, "mail_domain__node", "language_chosen")
        )


class MailboxUser(Mailbox):
    """A mailbox as the one who is signed in. Never an accounts.User: it sees nothing through ``visible_to``,
    and panel.middleware.gate answers 404 for every page but its own."""

    is_authenticated = True
    is_active = True
    is_anonymous = is_staff = is_superuser = False
    is_mailbox = True
    front_page = FRONT_PAGE
    badge_page = "own-badge"
    acting_for: Any = None
    theme = ""

    people: ClassVar[MailboxUserManager] = MailboxUserManager()

    class Meta:
        proxy = True
        default_manager_name = "people"

    @property
    def email(self) -> str:
        return self.address

    @property
    def language(self) -> str:
        """What it chose, or empty. No query."""
        chosen = getattr(self, "language_chosen", None)
        return chosen.language if chosen else ""

    def suspensions(self) -> list[Level]:
        """Everything that is suspended here and above, its own first. No query."""
        return suspension_of(self)

    def kept_out_by(self) -> Level | None:
        """The nearest that keeps it from signing in."""
        return next((level for level in self.suspensions() if level.no_sign_in), None)

    def since(self) -> dt.datetime:
        """When this life of the address began, as logs tell time: in whole seconds. A mailbox that had the
        address until that very second keeps it for itself."""
        begun = self.created_at
        renamed = self.former_addresses.order_by("-until").first()
        if renamed is not None:
            begun = max(begun, renamed.until)
        second = begun.replace(microsecond=0)
        before = Mailbox.objects.filter(address=self.address, deleted_at__gte=second).exists()
        return begun if before or renamed is not None else second

    def get_session_auth_hash(self) -> str:
        """Sessions end with the password."""
        return self._hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """With the secrets before, so that a new one signs nobody out."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._hash(secret)

    def _hash(self, secret: str | bytes) -> str:
        text = f"{self.pk}\n{self.password_hash}"
        return salted_hmac(BACKEND, text, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_perms(self, perms: Any, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False

    @classmethod
    def by_address(cls, address: str) -> Self | None:
        return cls.people.filter(address=address).first()  # type: ignore[return-value]


def language_at(address: str) -> str:
    """What the user of the mailbox with this address chose, for notices.readers. One query."""
    rows = MailboxLanguage.objects.filter(mailbox__address=address, mailbox__deleted_at__isnull=True)
    return rows.values_list("language", flat=True).first() or ""


class MailboxBackend:
    """Knows mailbox users by their session; signing in is panel.signin.door's."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        return None

    def get_user(self, user_id: int) -> MailboxUser | None:
        """Suspended or deleted: signed out at once."""
        user = MailboxUser.people.filter(pk=user_id).first()
        return None if user is None or user.kept_out_by() else user
