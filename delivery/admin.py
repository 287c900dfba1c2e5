"""For the provider: lines that nobody understood, and the files they come from. To read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from delivery.models import Event, LogFile, Unparsed
from delivery.text import inert

if TYPE_CHECKING:
    EventAdmin = admin.ModelAdmin[Event]
    FileAdmin = admin.ModelAdmin[LogFile]
else:
    EventAdmin = FileAdmin = admin.ModelAdmin


class ReadOnly:
    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


@admin.register(Unparsed)
class UnparsedAdmin(ReadOnly, EventAdmin):
    list_display = ["at", "node", "file", "line"]
    list_display_links = None
    list_select_related = ["node", "file"]
    list_filter = ["node"]
    ordering = ["-at", "-id"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).filter(kind="unparsed")

    @admin.display(description=_("line"))
    def line(self, event: Event) -> str:
        return inert(event.raw)


@admin.register(LogFile)
class LogFileAdmin(ReadOnly, FileAdmin):
    list_display = ["node", "log", "identity", "lines", "unparsed", "first_seen_at", "last_seen_at"]
    list_display_links = None
    list_select_related = ["node"]
    list_filter = ["node", "log"]
    ordering = ["-last_seen_at", "-id"]
