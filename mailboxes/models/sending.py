"""How much may be sent, where somebody decided."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Domain
from mailboxes.models.core import Mailbox, MailDomain


class SendingLimitQuerySet(models.QuerySet["SendingLimit"]):
    def visible_to(self, user: Any) -> Self:
        mine = Domain.objects.visible_to(user)
        of_account = Q(mailbox=None, mail_domain=None, account__in=Account.objects.visible_to(user))
        of_domain = Q(mailbox__mail_domain__domain__in=mine) | Q(mail_domain__domain__in=mine)
        return self.filter(of_domain | of_account)


@pghistory.track()
class SendingLimit(models.Model):
    """Of ``mailbox``, or of ``mail_domain``, or of the whole ``account`` they are in. ``whose``: what that
    was called when somebody decided, for Activity. Numbers as in nodeagent.contract.Limit; None:
    nobody decided, so what DEFAULTS (mailboxes.sending.numbers) say holds. An account's recipients per hour
    are its plan's (accounts.models.limits), and here at most lower."""

    mailbox = models.OneToOneField(
        Mailbox, on_delete=models.CASCADE, null=True, blank=True, related_name="sending_limit"
    )
    mail_domain = models.OneToOneField(
        MailDomain, on_delete=models.CASCADE, null=True, blank=True, related_name="sending_limit"
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sending_limits")
    whose = models.CharField(max_length=254, blank=True)
    mails_hour = models.PositiveIntegerField(_("mails an hour"), null=True, blank=True)
    mails_day = models.PositiveIntegerField(_("mails a day"), null=True, blank=True)
    rcpts_hour = models.PositiveIntegerField(_("recipients an hour"), null=True, blank=True)
    rcpts_day = models.PositiveIntegerField(_("recipients a day"), null=True, blank=True)
    new_day = models.PositiveIntegerField(_("new recipients a day"), null=True, blank=True)

    objects: ClassVar[Any] = SendingLimitQuerySet.as_manager()

    class Meta:
        verbose_name = _("sending limit")
        constraints = [
            models.CheckConstraint(
                condition=Q(mailbox__isnull=True) | Q(mail_domain__isnull=True), name="sending_limit_of_one"
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(mailbox__isnull=True, mail_domain__isnull=True),
                name="sending_limit_of_account_once",
            ),
        ]

    def __str__(self) -> str:
        return self.whose
