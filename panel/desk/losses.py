"""Mailboxes that have less mail than before their node was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from lib.errors import Denied
from lib.templatetags.ui import count, size
from mailboxes.models import MailboxLoss
from mailboxes.rebuilding.services import losses_seen

if TYPE_CHECKING:
    _LossAdmin = admin.ModelAdmin[MailboxLoss]
else:  # Django's own class takes no parameter
    _LossAdmin = admin.ModelAdmin


@admin.register(MailboxLoss)
class LossAdmin(_LossAdmin):
    list_display = ["mailbox", "customer", "node", "had", "has", "measured_at"]
    list_select_related = ["mailbox__mail_domain__domain__account", "rebuild__node"]
    list_filter = ["rebuild__node"]
    list_per_page = 100
    show_full_result_count = False
    search_fields = ["mailbox__address"]
    ordering = ["-rebuild", "mailbox__address"]
    actions = ["seen"]
    fields = readonly_fields = ("mailbox", "customer", "node", "had", "has", "measured_at")

    @admin.action(
        description=_("Restored, or nothing to restore: tell nobody any more"), permissions=["view"]
    )
    def seen(self, request: HttpRequest, queryset: QuerySet[MailboxLoss]) -> None:
        try:
            done = losses_seen(actor=cast(User, request.user), losses=queryset)
        except Denied as denied:
            self.message_user(request, str(denied), messages.ERROR)
            return
        text = ngettext("%(n)d mailbox is seen to.", "%(n)d mailboxes are seen to.", done) % {"n": done}
        self.message_user(request, text, messages.SUCCESS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailboxLoss]:
        found: Any = super().get_queryset(request)
        return cast("QuerySet[MailboxLoss]", found.real())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MailboxLoss | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MailboxLoss | None = None) -> bool:
        return False

    @admin.display(description=_("customer"))
    def customer(self, loss: MailboxLoss) -> str:
        return str(loss.mailbox.mail_domain.domain.account)

    @admin.display(description=_("replaced"))
    def node(self, loss: MailboxLoss) -> str:
        return str(loss.rebuild)

    @admin.display(description=_("had"), ordering="had_bytes")
    def had(self, loss: MailboxLoss) -> str:
        return _mails(loss.had_messages, loss.had_bytes)

    @admin.display(description=_("has"), ordering="has_bytes")
    def has(self, loss: MailboxLoss) -> str:
        return _mails(loss.has_messages or 0, loss.has_bytes or 0)


def _mails(number: int, used: int) -> str:
    text = ngettext("%(n_text)s mail, %(size)s", "%(n_text)s mails, %(size)s", number)
    return text % {"n_text": count(number), "size": size(used)}
