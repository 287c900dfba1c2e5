"""For the provider: how the nodes' logs are read, and the lines that nobody understood. To read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from delivery import logs
from delivery.logforms import UnparsedForm
from delivery.models import LogFile, Unparsed
from delivery.text import inert

if TYPE_CHECKING:
    UnparsedBase = admin.ModelAdmin[Unparsed]
    FileAdmin = admin.ModelAdmin[LogFile]
else:
    UnparsedBase = FileAdmin = admin.ModelAdmin

FILES = 50


class ReadOnly:
    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


@admin.register(Unparsed)
class UnparsedAdmin(ReadOnly, UnparsedBase):
    """Alike ones are one line with their number; one kind, or what a text is in, line by line."""

    list_display_links = None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        form = UnparsedForm(request.GET)
        query = form.query()
        one_by_one = bool(query.shape or form.cleaned_data.get("each"))
        rows, older = logs.unparsed(query) if one_by_one else ([], None)
        kinds = [] if one_by_one else logs.shapes(query)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Unparsed lines"),
            "form": form,
            "query": query,
            "one_by_one": one_by_one,
            "lines": [(row, inert(row.raw), logs.covered(row.raw)) for row in rows],
            "older": form.address(before=older) if older else "",
            "newest": form.address() if query.before else "",
            "shapes": [(shape, form.address(shape=shape.shape)) for shape in kinds],
            "cut": sum(shape.lines for shape in kinds) >= logs.LOOKED_AT,
            "looked_at": logs.LOOKED_AT,
        }
        return TemplateResponse(request, "admin/delivery/unparsed.html", context)


@admin.register(LogFile)
class LogFileAdmin(ReadOnly, FileAdmin):
    list_display_links = None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        files = LogFile.objects.select_related("node").defer("covered")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Logs of the nodes"),
            "logs": logs.logs(),
            "files": files.order_by("-last_seen_at", "-pk")[:FILES],
        }
        return TemplateResponse(request, "admin/delivery/logs.html", context)
