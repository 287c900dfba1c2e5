"""What Django finds of the provider's desk; the rest is in panel.desk."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from pghistory import core
from pghistory.admin import EventsAdmin

from lib.templatetags.ui import moment
from panel.desk import accounts, claims, domains, losses, nodes, plans

__all__ = ["HistoryAdmin", "accounts", "claims", "domains", "losses", "nodes", "plans"]


class HistoryAdmin(EventsAdmin):
    """Who changed what, when, where. An object's first change shows it whole, later ones what differs."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # pghistory's list cannot count them

    def get_list_display(self, request: HttpRequest) -> Any:
        return ["changed", "who", "did", "thing", "what", "where"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if not _makes_sense(request.GET):
            return redirect(request.path)
        answer = super().changelist_view(request, extra_context)  # type: ignore[no-untyped-call]  # pghistory
        if isinstance(answer, TemplateResponse) and answer.context_data:
            answer.context_data["list_title"] = _("History")
        return answer

    @admin.display(description=_("when"), ordering="pgh_created_at")
    def changed(self, event: Any) -> str:
        return moment(event.pgh_created_at)

    @admin.display(description=_("who"), ordering="user")
    def who(self, event: Any) -> str:
        context = event.pgh_context
        if context is None:
            return str(_("directly in the database"))
        return str(event.user.email if event.user else context.get("mailbox") or _("the panel"))

    @admin.display(description=_("did"), ordering="pgh_label")
    def did(self, event: Any) -> str:
        words = {"insert": _("made"), "update": _("changed"), "delete": _("deleted")}
        return str(words.get(event.pgh_label, event.pgh_label))

    @admin.display(description=_("object"))
    def thing(self, event: Any) -> str:
        return f"{event.pgh_obj_model} {event.pgh_obj_id}"

    @admin.display(description=_("what"))
    def what(self, event: Any) -> str:
        if event.pgh_diff:
            changes = [(name, f"{was} → {now}") for name, (was, now) in event.pgh_diff.items()]
        else:
            changes = [
                (name, value) for name, value in event.pgh_data.items() if name not in {"id", "created_at"}
            ]
        return format_html_join(
            "; ", "<b>{}</b> {}", ((name, "–" if value in ("", None) else value) for name, value in changes)
        )

    @admin.display(description=_("where"), ordering="url")
    def where(self, event: Any) -> str:
        """The page, task or command; the address; the account that somebody acted for."""
        context = event.pgh_context or {}
        client = context.get("acting_for")
        told = [event.url, context.get("ip"), _("for account %(n)s") % {"n": client} if client else ""]
        return " · ".join(str(part) for part in told if part)


def _makes_sense(asked: QueryDict) -> bool:
    """pghistory's filters stumble over models that are none, and the database over a NUL."""
    events = {model._meta.label_lower for model in core.event_models()}
    kept = {model._meta.label_lower for model in apps.get_models() if core.event_models(tracks_model=model)}
    of, _colon, key = asked.get("obj", "").partition(":")
    return (
        not any("\0" in value for values in asked.lists() for value in values[1])
        and url_has_allowed_host_and_scheme(asked.get("back", "/"), allowed_hosts=None)
        and asked.get("event_model", "") in {"", *events}
        and asked.get("model", "").lower() in {"", *kept}
        and ("obj" not in asked or (of.lower() in kept and _is_there(of, key)))
    )


def _is_there(model: str, key: str) -> bool:
    of_a_row = key.isascii() and key.isdigit() and len(key) < 19
    return of_a_row and apps.get_model(model)._base_manager.filter(pk=int(key)).exists()
