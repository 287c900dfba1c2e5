"""Plans: the provider's own and resellers'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.admin import ThroughServices
from accounts.adminforms import NewPlanForm, PlanForm
from accounts.clients import plans
from accounts.limits import limits_of
from accounts.limits.wording import amount
from accounts.models import Plan
from lib.templatetags.ui import count

if TYPE_CHECKING:
    _PlanAdmin = admin.ModelAdmin[Plan]
else:  # Django's own class takes no parameter
    _PlanAdmin = admin.ModelAdmin

OVER_SHOWN = 50


@admin.register(Plan)
class PlanAdmin(ThroughServices, _PlanAdmin):
    list_display = ["name", "offered_by", "used_by", "domains", "mailboxes", "storage", "sends"]
    list_filter = [("reseller", admin.EmptyFieldListFilter)]
    list_select_related = ["reseller"]
    search_fields = ["name", "reseller__name"]
    ordering = ["reseller__name", "name"]
    list_per_page = 100
    show_full_result_count = False
    form_new = NewPlanForm
    form_set = PlanForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return super().get_queryset(request).annotate(many=Count("accounts"))

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> list[str]:
        return ["offered_by", "used_by", "over"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Plan | None = None) -> Any:
        fields = list(super().get_fields(request, obj))
        return ["offered_by", "used_by", "over", *fields] if obj else fields

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        """One by one, by its own page, when nobody is on it."""
        allowed = super(ThroughServices, self).has_delete_permission(request, obj)
        return allowed and obj is not None and not obj.accounts.exists()

    def delete_model(self, request: HttpRequest, obj: Plan) -> None:
        plans.plan_delete(actor=request.user, plan=obj)

    @admin.display(description=_("offered by"), ordering="reseller__name")
    def offered_by(self, plan: Plan) -> str:
        return plan.reseller.name if plan.reseller else _t("the provider")

    @admin.display(description=_("accounts on it"), ordering="many")
    def used_by(self, plan: Any) -> SafeString:
        url = f"{reverse('admin:accounts_account_changelist')}?plan__id__exact={plan.pk}"
        return format_html('<a href="{}">{}</a>', url, count(plan.many))

    @admin.display(description=_("who has more than it allows"))
    def over(self, plan: Plan) -> SafeString | str:
        found = plans.over_of(list(plan.accounts.select_related("reseller")), limits_of(plan))
        if not found:
            return _t("nobody")
        change = "admin:accounts_account_change"
        lines = [
            (reverse(change, args=[one.account.pk]), one.account.name, one.words)
            for one in found[:OVER_SHOWN]
        ]
        return format_html_join("", '<div><a href="{}">{}</a> {}</div>', lines)

    @admin.display(description=_("domains"), ordering="max_domains")
    def domains(self, plan: Plan) -> str:
        return count(plan.max_domains)

    @admin.display(description=_("mailboxes"), ordering="max_mailboxes")
    def mailboxes(self, plan: Plan) -> str:
        return count(plan.max_mailboxes)

    @admin.display(description=_("storage"), ordering="storage_mb")
    def storage(self, plan: Plan) -> str:
        return amount("storage_mb", plan.storage_mb)

    @admin.display(description=_("mails per hour"), ordering="sends_per_hour")
    def sends(self, plan: Plan) -> str:
        return count(plan.sends_per_hour)
