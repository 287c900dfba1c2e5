"""For the provider: lines that nobody understood, and the files they come from. To read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from delivery.models import LogFile, Unparsed
from delivery.text import inert

if TYPE_CHECKING:
    UnparsedBase = admin.ModelAdmin[Unparsed]
    FileAdmin = admin.ModelAdmin[LogFile]
else:
    UnparsedBase = FileAdmin = admin.ModelAdmin


class ReadOnly:
    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


@admin.register(Unparsed)
class UnparsedAdmin(ReadOnly, UnparsedBase):
    list_display = ["at", "node", "file", "line"]
    list_display_links = None
    list_select_related = ["node", "file"]
    list_filter = ["node"]
    ordering = ["-id"]
    show_full_result_count = False

    @admin.display(description=_("line"))
    def line(self, unparsed: Unparsed) -> str:
        return inert(unparsed.raw)


@admin.register(LogFile)
class LogFileAdmin(ReadOnly, FileAdmin):
    list_display = ["node", "log", "identity", "lines", "unparsed", "first_seen_at", "last_seen_at"]
    list_display_links = None
    list_select_related = ["node"]
    list_filter = ["node", "log"]
    ordering = ["-last_seen_at", "-id"]
