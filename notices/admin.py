"""Mails at the provider's desk: what left, what did not and why. What stands in them is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from notices import kinds, services
from notices.models import Notice

if TYPE_CHECKING:
    _NoticeAdmin = admin.ModelAdmin[Notice]
else:  # Django's own class takes no parameters
    _NoticeAdmin = admin.ModelAdmin

_STATES = {
    "waiting": gettext_lazy("Waiting"),
    "retried": gettext_lazy("Tried, and tried again soon"),
    "failed": gettext_lazy("Failed"),
    "sent": gettext_lazy("Sent"),
}


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(_STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        open_ = Q(sent_at__isnull=True, failed_at__isnull=True)
        wanted = {
            "waiting": open_ & Q(last_error=""),
            "retried": open_ & ~Q(last_error=""),
            "failed": Q(failed_at__isnull=False),
            "sent": Q(sent_at__isnull=False),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


@admin.register(Notice)
class NoticeAdmin(_NoticeAdmin):
    list_display = ["to", "what", "state", "last_error", "attempts", "created_at", "sent_at"]
    list_filter = [StateFilter]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["to__startswith"]
    ordering = ["-created_at"]
    actions = ["retry"]
    fields = readonly_fields = (
        "to",
        "user",
        "what",
        "state",
        "last_error",
        "attempts",
        "created_at",
        "next_try_at",
        "sent_at",
        "failed_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).defer("context", "brand")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """To look at: nothing here is for saving."""
        look = {"title": _("A mail from the panel"), "show_save": False, "show_save_and_continue": False}
        return super().change_view(request, object_id, form_url, look | (extra_context or {}))

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def what(self, notice: Notice) -> str:
        try:
            return str(kinds.get(notice.kind).label)
        except LookupError:
            return notice.kind

    @admin.display(description=gettext_lazy("state"))
    def state(self, notice: Notice) -> str:
        return str(_STATES[notice.state])

    @admin.action(description=gettext_lazy("Try again now"), permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        tried = 0
        for notice in queryset.filter(sent_at__isnull=True):
            services.notice_retry(notice=notice)
            tried += 1
        self.message_user(
            request,
            ngettext("%d mail is tried again.", "%d mails are tried again.", tried) % tried,
            messages.SUCCESS,
        )
