"""Nodes and pushes at the provider's desk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from lib.errors import Denied
from provision import selectors, services
from provision.models import Node, Push

if TYPE_CHECKING:
    _NodeAdmin = admin.ModelAdmin[Node]
    _PushAdmin = admin.ModelAdmin[Push]
else:  # Django's own class takes no parameters
    _NodeAdmin = _PushAdmin = admin.ModelAdmin

SECRET = ("password", "hash", "secret", "token", "private", "key")


@admin.register(Node)
class NodeAdmin(_NodeAdmin):
    list_display = ["name", "host", "role_list", "state", "failed", "waiting", "last_report_at", "takes_new"]
    list_filter = ["draining"]
    search_fields = ["name", "host"]
    fields = readonly_fields = (
        "name", "host", "role_list", "state", "failed", "waiting", "last_report_at", "trouble", "draining",
        "addresses", "ports", "created_at",
    )  # fmt: skip
    exclude = ["ingest_token_hash", "draining"]
    actions = ["drain", "undrain"]

    @admin.action(description=gettext_lazy("Give it no new domains"), permissions=["change"])
    def drain(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        self._drained(request, queryset, True)

    @admin.action(description=gettext_lazy("Give it new domains again"), permissions=["change"])
    def undrain(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        self._drained(request, queryset, False)

    def _drained(self, request: HttpRequest, nodes: QuerySet[Node], draining: bool) -> None:
        changed = services.nodes_drain(actor=cast(User, request.user), nodes=nodes, draining=draining)
        text = ngettext("%(n)d node is changed.", "%(n)d nodes are changed.", changed) % {"n": changed}
        self.message_user(request, text, messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A node is added on the machine itself: ``manage.py node add`` knows its keys."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Node | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Node]:
        behind = Push.objects.behind().filter(node=OuterRef("pk")).order_by().values("node")
        count = behind.annotate(n=Count("pk")).values("n")
        return (
            super()
            .get_queryset(request)
            .annotate(
                behind=Coalesce(Subquery(count), 0),
                failing=Coalesce(Subquery(count.exclude(last_error="")), 0),
            )
        )

    @admin.display(description=gettext_lazy("takes new domains"), boolean=True, ordering="draining")
    def takes_new(self, node: Node) -> bool:
        return not node.draining

    @admin.display(description=gettext_lazy("roles"))
    def role_list(self, node: Node) -> str:
        return ", ".join(node.roles)

    @admin.display(description=gettext_lazy("behind"), ordering="behind")
    def waiting(self, node: Any) -> str:
        return self._pushes(node, "behind", node.behind)

    @admin.display(description=gettext_lazy("refused"), ordering="failing")
    def failed(self, node: Any) -> str:
        return self._pushes(node, "failed", node.failing)

    @staticmethod
    def _pushes(node: Node, state: str, number: int) -> str:
        url = f"{reverse('admin:provision_push_changelist')}?state={state}&node__id__exact={node.pk}"
        return format_html('<a href="{}">{}</a>', url, number) if number else "0"

    @admin.display(description=gettext_lazy("state"))
    def state(self, node: Any) -> str:
        if node.trouble:
            return _("Its report was refused: %(why)s") % {"why": node.trouble}
        if node.last_report_at is None:
            return _("Never reported")
        if node.behind and selectors.silent(node):
            return _("Away: does not answer")
        return _("In order")


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
