"""Kept from signing in, receiving or sending: set on an account, a domain or a mailbox, each on its own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Suspendable(models.Model):
    """The three switches and who turned them, why and when. What is suspended above is not copied down, so
    lifting it above forgets nothing below. ``suspended_from``: in whose name, as people below read it.
    ``suspended_rank``: how high they stood (access.rank_in); nobody below lifts or changes it."""

    no_sign_in = models.BooleanField(_("may not sign in"), default=False)
    no_receive = models.BooleanField(_("may not receive"), default=False)
    no_send = models.BooleanField(_("may not send"), default=False)
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    suspended_reason = models.CharField(_("reason"), max_length=200, blank=True)
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    suspended_from = models.CharField(_("suspended by"), max_length=120, blank=True)
    suspended_rank = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def is_suspended(self) -> bool:
        return self.no_sign_in or self.no_receive or self.no_send

    @property
    def stopped(self) -> list[str]:
        """What does not work, in words."""
        return stopped(self.no_sign_in, self.no_send, self.no_receive)

    @property
    def suspended_with(self) -> Suspendable | None:
        """The next one up, whose suspension holds here too."""
        raise NotImplementedError


def stopped(sign_in: bool, send: bool, receive: bool) -> list[str]:
    words = (
        (sign_in, gettext("no sign-in")),
        (send, gettext("no sending")),
        (receive, gettext("no receiving")),
    )
    return [word for so, word in words if so]


def dated(prefix: str) -> models.CheckConstraint:
    """A switch is turned if and only if there is a time at which it was."""
    awake = Q(no_sign_in=False, no_receive=False, no_send=False)
    return models.CheckConstraint(
        condition=(awake & Q(suspended_at__isnull=True)) | (~awake & Q(suspended_at__isnull=False)),
        name=f"{prefix}_suspension_dated",
    )
