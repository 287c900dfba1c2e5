"""What people did to waiting mail."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Right, domains_where, is_provider


class QueueActionQuerySet(models.QuerySet["QueueAction"]):
    def visible_to(self, user: Any) -> Self:
        if is_provider(user):
            return self
        return self.filter(domain_id__in=domains_where(user, Right.SETTINGS).values("pk"))


class QueueAction(models.Model):
    """One change of the mails of one domain that wait on one node; Activity tells of it. ``domain_id``
    None: of mail that no domain of ours sent. ``meant``: the filter, or the ids, as the node was told.
    ``title``: whom some of it was from and for. ``done``: to how many mails; None: the node gave no answer,
    so it may or may not be done. ``proven``: of how many the queue shows it afterwards, over all domains of
    the same request."""

    class Did(models.TextChoices):
        DELIVER = "deliver", _("Deliver now")
        HOLD = "hold", _("Hold")
        RELEASE = "release", _("Release")
        DELETE = "delete", _("Delete")

    domain_id = models.BigIntegerField(null=True, db_index=True)
    node = models.CharField(_("server"), max_length=32)
    who = models.CharField(max_length=320, blank=True)
    did = models.CharField(_("action"), max_length=8, choices=Did.choices)
    title = models.CharField(_("mails"), max_length=300, blank=True)
    meant = models.JSONField(_("chosen by"), default=dict)
    done = models.PositiveIntegerField(_("mails changed"), null=True)
    proven = models.PositiveIntegerField(_("seen in the queue"), null=True)
    at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = QueueActionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.did} {self.done}"
