"""How the score of a domain's checklist went."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from accounts.models import Domain


class ScoreDay(models.Model):
    """``score``: 0 to 100, as it was when the day was looked at."""

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    score = models.PositiveSmallIntegerField()

    objects: ClassVar[Any]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "day"], name="score_once_a_day")]
        indexes = [models.Index(fields=["day"], name="score_day")]

    def __str__(self) -> str:
        return f"{self.domain} {self.day}: {self.score}"
