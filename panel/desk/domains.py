"""Domains: to look at, to find and to suspend; added and deleted they are in the panel, with zone and
mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from lib.templatetags.ui import count
from mailboxes.selectors import tallied
from panel.desk.suspending import SuspendAction

if TYPE_CHECKING:
    _DomainAdmin = admin.ModelAdmin[Domain]
else:  # Django's own class takes no parameter
    _DomainAdmin = admin.ModelAdmin


class SuspendedFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("suspended", _("Suspended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Domain]) -> QuerySet[Domain]:
        stopped = Q(no_sign_in=True) | Q(no_receive=True) | Q(no_send=True)
        return queryset.filter(stopped) if self.value() == "suspended" else queryset


@admin.register(Domain)
class DomainAdmin(SuspendAction, _DomainAdmin):
    list_display = ["display_name", "account", "mailboxes", "node", "proof", "proved_at", "state", "page"]
    list_select_related = ["account", "mail__node"]
    list_filter = [SuspendedFilter, "proof", "mail__node"]
    list_per_page = 100
    show_full_result_count = False
    search_fields = ["name", "display_name", "account__name"]
    ordering = ["name"]
    actions = ["suspend_chosen", "resume_chosen"]
    fields = readonly_fields = (
        "account", "name", "display_name", "node", "proof", "proved_at", "state", "suspended_by",
        "created_at", "page",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Domain]:
        return super().get_queryset(request).annotate(boxes=tallied("boxes", mail_domain="mail__pk"))

    @admin.display(description=_("mailboxes"), ordering="boxes")
    def mailboxes(self, domain: Any) -> str:
        return count(domain.boxes)

    @admin.display(description=_("mail server"), ordering="mail__node__name")
    def node(self, domain: Domain) -> str:
        return domain.mail.node.name if hasattr(domain, "mail") else "–"

    @admin.display(description=_("state"), ordering="suspended_at")
    def state(self, domain: Domain) -> str:
        if domain.is_suspended:
            return _t("Suspended: %(why)s") % {"why": domain.suspended_reason}
        return _t("In order")

    @admin.display(description=_("in the panel"))
    def page(self, domain: Domain) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("domain-overview", args=[domain.name]), domain.display_name
        )

    @admin.action(description=_("Suspend…"), permissions=["suspend"])
    def suspend_chosen(self, request: HttpRequest, queryset: QuerySet[Domain]) -> HttpResponse | None:
        return self.ask_to_suspend(request, queryset.select_related("account__reseller"), "suspend_chosen")

    @admin.action(description=_("Let work again"), permissions=["suspend"])
    def resume_chosen(self, request: HttpRequest, queryset: QuerySet[Domain]) -> None:
        self.resume_all(request, queryset.select_related("account__reseller"))

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        """There is no form to change a domain with; the permission to change is that to suspend."""
        return bool(super().has_change_permission(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Domain | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Domain | None = None) -> bool:
        return False
