"""The provider's desk: what readers say of the guides and articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from guides.models import Vote
from lib.templatetags.ui import moment

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Vote]
else:
    _ModelAdmin = admin.ModelAdmin

WORST = 30  # pages in the table above the list


@admin.register(Vote)
class VoteAdmin(_ModelAdmin):
    """Read only. Above the list: the pages by how often they did not help."""

    list_display = ["subject", "helpful", "sentence", "language", "said"]
    list_filter = ["helpful", "language", "at"]
    search_fields = ["subject", "sentence"]
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "admin/votes.html"
    fields = ["subject", "helpful", "sentence", "language", "at"]

    @admin.display(description=_("when"), ordering="at")
    def said(self, vote: Vote) -> str:
        return moment(vote.at)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Vote | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        counts = (
            Vote.objects.order_by()
            .values("subject")
            .annotate(yes=Count("pk", filter=Q(helpful=True)), no=Count("pk", filter=Q(helpful=False)))
            .order_by("-no", "subject")[:WORST]
        )
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data is not None:
            answer.context_data["counts"] = counts
        return answer
