"""What readers said of a page. No name, no address: ``voter`` tells two people apart, and nothing else."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Vote(models.Model):
    """One answer to “Was this helpful?”. ``subject``: ``learn:SLUG`` or ``guide:PROGRAM``. ``voter``: an HMAC
    of the person's key. ``sentence``: what is missing or wrong, in a stranger's own words."""

    subject = models.CharField(_("page"), max_length=100, db_collation="C")
    voter = models.CharField(max_length=64, db_collation="C")
    helpful = models.BooleanField(_("helpful"))
    sentence = models.CharField(_("what they say"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=10)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("answer to “Was this helpful?”")
        verbose_name_plural = _("answers to “Was this helpful?”")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["subject", "voter"], name="vote_once")]
        indexes = [models.Index(fields=["-at", "-id"], name="vote_newest")]

    def __str__(self) -> str:
        return self.subject
