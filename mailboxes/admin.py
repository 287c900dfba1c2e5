"""Mailboxes at the provider's desk: found, looked at, suspended. Changes are services'; no hash is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from mailboxes import services
from mailboxes.models import DkimKey, Mailbox, MailDomain

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:  # Django's own class takes no parameter
    _Admin = admin.ModelAdmin


class LookedAt(_Admin):
    """Nothing is typed here: what can be changed has a page or an action."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(self.get_fields(request, obj))


@admin.register(Mailbox)
class MailboxAdmin(LookedAt):
    list_display = ["address", "quota_mb", "used_mb", "messages", "suspended_at", "deleted_at", "created_at"]
    list_filter = [
        ("suspended_at", admin.EmptyFieldListFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
        "mail_domain__node",
    ]
    search_fields = ["address"]
    ordering = ["address", "-pk"]
    list_select_related = ["mail_domain__domain"]
    actions = ["suspend", "resume"]
    fields = [
        "address",
        "page",
        "quota_mb",
        "used_mb",
        "messages",
        "used_at",
        "suspended_at",
        "suspended_reason",
        "deleted_at",
        "home",
        "password_set_at",
        "created_at",
    ]

    @admin.display(description=_("page"))
    def page(self, mailbox: Mailbox) -> str:
        """Password, quota and deletion are changed where the owner does it."""
        if mailbox.deleted_at:
            return "–"
        url = reverse("mailbox", args=[mailbox.mail_domain.domain.name, mailbox.local])
        return format_html('<a href="{}">{}</a>', url, mailbox.address)

    @admin.action(description=_("Suspend: no sign-in, no sending"), permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Mailbox]) -> None:
        reason = _t("Suspended by the provider.")
        rows = services.mailboxes_suspend(actor=request.user, mailboxes=queryset, reason=reason)
        text = ngettext("%(n)d mailbox is suspended.", "%(n)d mailboxes are suspended.", len(rows))
        messages.success(request, text % {"n": len(rows)})

    @admin.action(description=_("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Mailbox]) -> None:
        rows = services.mailboxes_resume(actor=request.user, mailboxes=queryset)
        text = ngettext("%(n)d mailbox works again.", "%(n)d mailboxes work again.", len(rows))
        messages.success(request, text % {"n": len(rows)})


@admin.register(MailDomain)
class MailDomainAdmin(LookedAt):
    list_display = ["domain", "node", "routing", "decided", "created_at"]
    list_filter = ["routing", "decided", "node"]
    search_fields = ["domain__name"]
    list_select_related = ["domain", "node"]
    fields = ["domain", "node", "routing", "decided", "decided_at", "looked_at", "next_look_at", "created_at"]


@admin.register(DkimKey)
class DkimKeyAdmin(LookedAt):
    list_display = ["selector", "signs_for", "node", "seen_at", "created_at"]
    list_filter = [("seen_at", admin.EmptyFieldListFilter), "node"]
    search_fields = ["mail_domain__domain__name", "selector"]
    list_select_related = ["mail_domain__domain", "node"]
    fields = ["signs_for", "node", "selector", "public_key", "seen_at", "created_at"]
