"""Filters of the list that people keep for themselves."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from accounts.models import Domain

NAME_MAX = 60


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: Any) -> Self:
        """One's own, and nobody else's."""
        return self.filter(user_id=user.pk)


class SavedFilter(models.Model):
    """``domain`` None: of the list of all. ``query``: as the address carries it, checked."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=NAME_MAX)
    query = models.CharField(max_length=2000, blank=True)

    objects: ClassVar[Any] = SavedFilterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "domain", "name"], name="saved_filter_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name
