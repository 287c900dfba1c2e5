"""Notices about undelivered mail that somebody sent once more."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Right, domains_where, is_provider


class NoticeAgainQuerySet(models.QuerySet["NoticeAgain"]):
    def visible_to(self, user: Any) -> Self:
        if is_provider(user):
            return self
        return self.filter(domain_id__in=domains_where(user, Right.SETTINGS).values("pk"))


class NoticeAgain(models.Model):
    """``told`` heard that the mail of the row ``entry_id`` to ``address`` was not delivered; Activity tells
    of it."""

    entry_id = models.BigIntegerField(db_index=True)
    domain_id = models.BigIntegerField()
    told = models.CharField(_("told"), max_length=320)
    address = models.CharField(_("not delivered to"), max_length=400)
    at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = NoticeAgainQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.told}: {self.address}"
