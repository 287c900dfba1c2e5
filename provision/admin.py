"""Pushes at the provider's desk; nodes are in panel.desk, with what lives on them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from lib.errors import Denied
from provision import selectors, services
from provision.models import Push

if TYPE_CHECKING:
    _PushAdmin = admin.ModelAdmin[Push]
else:  # Django's own class takes no parameter
    _PushAdmin = admin.ModelAdmin

SECRET = ("password", "hash", "secret", "token", "private", "key")


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("behind", _("Not live yet")), ("failed", _("Failed")), ("live", _("Live"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Push]) -> QuerySet[Push]:
        if self.value() == "behind":
            return queryset.filter(desired_rev__gt=F("applied_rev"))
        if self.value() == "failed":
            return queryset.filter(Q(desired_rev__gt=F("applied_rev")) & ~Q(last_error=""))
        if self.value() == "live":
            return queryset.filter(applied_rev__gte=F("desired_rev"))
        return queryset


@admin.register(Push)
class PushAdmin(_PushAdmin):
    list_display = ["key", "node", "state", "last_error", "attempts", "next_try_at", "applied_at"]
    list_filter = [StateFilter, "node", "kind"]
    list_select_related = ["node"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["key__startswith"]
    ordering = ["key"]
    actions = ["retry"]
    fields = readonly_fields = (
        "key",
        "kind",
        "node",
        "domain",
        "state",
        "last_error",
        "attempts",
        "next_try_at",
        "proof",
        "applied_at",
        "desired_rev",
        "sent_rev",
        "applied_rev",
        "actor",
        "changed_at",
        "wanted",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Push | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Push]:
        return super().get_queryset(request).defer("payload")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """To look at: nothing here is for saving."""
        look = {"title": _("A change for a node"), "show_save": False, "show_save_and_continue": False}
        return super().change_view(request, object_id, form_url, look | (extra_context or {}))

    @admin.display(description=gettext_lazy("state"))
    def state(self, push: Push) -> str:
        words = {
            "live": _("Live"),
            "failed": _("Failed"),
            "away": _("Waiting for %(node)s") % {"node": push.node},
            "moving": _("On its way to %(node)s") % {"node": push.node},
        }
        return words[selectors.status_of(push)]

    @admin.display(description=gettext_lazy("wanted state"))
    def wanted(self, push: Push) -> str:
        if push.payload is None:
            return _("absent")
        return format_html("<pre>{}</pre>", json.dumps(masked(push.payload), indent=2, ensure_ascii=False))

    @admin.action(description=gettext_lazy("Try again now"), permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Push]) -> None:
        tried = 0
        for push in queryset.filter(desired_rev__gt=F("applied_rev")):
            try:
                services.push_retry(actor=cast(User, request.user), push=push)
            except Denied as denied:
                text = _("Not done for %(what)s: %(why)s") % {"what": push, "why": denied.message}
                self.message_user(request, text, messages.ERROR)
            else:
                tried += 1
        self.message_user(
            request,
            ngettext("%d push is tried again.", "%d pushes are tried again.", tried) % tried,
            messages.SUCCESS,
        )


def masked(payload: Any) -> Any:
    """The payload for the eye: what could open a mailbox is not shown."""
    if isinstance(payload, dict):
        return {
            name: "…" if any(word in name.lower() for word in SECRET) else masked(value)
            for name, value in payload.items()
        }
    if isinstance(payload, list):
        return [masked(value) for value in payload]
    return payload
