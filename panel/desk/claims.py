"""Domains that wait for proof: what was found, look again, take on the provider's word, or let go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.domains import claims
from accounts.models import DomainClaim, User
from panel import lifecycle, proving
from panel.desk.suspending import Each

if TYPE_CHECKING:
    _ClaimAdmin = admin.ModelAdmin[DomainClaim]
else:  # Django's own class takes no parameter
    _ClaimAdmin = admin.ModelAdmin


@admin.register(DomainClaim)
class ClaimAdmin(Each, _ClaimAdmin):
    """``token`` is what proves: it is the account's to publish, so it stands on the account's own page."""

    list_display = [
        "display_name",
        "account",
        "created_at",
        "created_by",
        "checked_at",
        "next_check_at",
        "page",
    ]
    list_select_related = ["account", "created_by"]
    list_filter = ["created_at"]
    list_per_page = 100
    show_full_result_count = False
    search_fields = ["name", "display_name", "account__name"]
    ordering = ["created_at", "pk"]
    actions = ["look", "accept", "drop"]
    fields = readonly_fields = (
        "display_name", "name", "account", "created_by", "created_at", "checked_at", "next_check_at", "page",
    )  # fmt: skip

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"list_title": _("Domains that wait for proof")}
        return super().changelist_view(request, title | (extra_context or {}))

    @admin.display(description=_("what was found"))
    def page(self, claim: DomainClaim) -> str:
        url = reverse("domain-proof", args=[claim.name])
        return format_html('<a href="{}?account={}">{}</a>', url, claim.account_id, _("In the panel"))

    @admin.action(description=_("Look into DNS now"), permissions=["decide"])
    def look(self, request: HttpRequest, queryset: QuerySet[DomainClaim]) -> None:
        actor = cast(User, request.user)
        self.each(
            request,
            queryset.select_related("account__reseller"),
            lambda claim: claims.claim_look_wanted(actor=actor, claim=claim),
            lambda n: ngettext("%(n)d is looked at now.", "%(n)d are looked at now.", n) % {"n": n},
        )
        proving.look_soon()

    @admin.action(description=_("Take without proof, on our word"), permissions=["decide"])
    def accept(self, request: HttpRequest, queryset: QuerySet[DomainClaim]) -> None:
        actor = cast(User, request.user)
        self.each(
            request,
            queryset.select_related("account__reseller"),
            lambda claim: lifecycle.claim_accept(actor=actor, claim=claim),
            lambda n: ngettext("%(n)d is a domain now.", "%(n)d are domains now.", n) % {"n": n},
        )

    @admin.action(description=_("Let go: it waits no longer"), permissions=["decide"])
    def drop(self, request: HttpRequest, queryset: QuerySet[DomainClaim]) -> None:
        actor = cast(User, request.user)
        self.each(
            request,
            queryset.select_related("account__reseller"),
            lambda claim: claims.claim_drop(actor=actor, claim=claim),
            lambda n: ngettext("%(n)d waits no longer.", "%(n)d wait no longer.", n) % {"n": n},
        )

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """There is no form here; the permission to change is that to decide."""
        return bool(super().has_change_permission(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
