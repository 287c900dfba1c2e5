"""The provider's desk: Django admin behind the panel's own sign-in."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from pghistory.admin import EventsAdmin

from lib.templatetags.ui import moment
from provision.models import Push

_APPS = {"mfa": _("Second steps at sign-in"), "pghistory": _("History")}
_MODELS = {
    "Authenticator": _("Apps, keys and codes"),
    "MiddlewareEvents": _("Changes"),
    "DkimKey": _("DKIM keys"),
}


class AdminSite(admin.AdminSite):
    site_header = site_title = _("Provider’s desk")
    index_title = _("What the provider looks after")
    site_url = "/"
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Who has no place here is answered before anything else."""
        opened = super().admin_view(view, cacheable)

        @login_not_required
        @wraps(opened)
        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                return self.login(request)
            answer: HttpResponse = opened(request, *args, **kwargs)
            return answer

        return gate

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What needs somebody stands on the first page."""
        behind = Push.objects.behind()
        desk = behind.aggregate(
            failed=Count("pk", filter=~Q(last_error="")), waiting=Count("pk", filter=Q(last_error=""))
        )
        return super().index(request, {"desk": desk, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Other people's apps and models under names that the provider's staff know."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = _APPS.get(app["app_label"], app["name"])
            for model in app["models"]:
                model["name"] = _MODELS.get(model["object_name"], model["name"])
        return apps

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One sign-in for all, with its throttling and second step. Signed in but no staff: 404."""
        asked = (
            request.GET.get("next", reverse("admin:index"))
            if request.path == reverse("admin:login")
            else request.get_full_path()
        )
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Http404
        return redirect(f"{reverse('account_login')}?{urlencode({'next': asked}, safe='/')}")

    def logout(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> TemplateResponse:
        return redirect("account_logout")  # type: ignore[return-value]  # a redirect is an answer too

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> TemplateResponse:
        return redirect("account_change_password")  # type: ignore[return-value]


class HistoryAdmin(EventsAdmin):
    """Who changed what, when, where. An object's first change shows it whole, later ones what differs."""

    list_per_page = 50
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> Any:
        return ["changed", "who", "did", "thing", "what", "where"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        answer = super().changelist_view(request, extra_context)  # type: ignore[no-untyped-call]  # pghistory
        if isinstance(answer, TemplateResponse) and answer.context_data:
            answer.context_data["list_title"] = _("History")
        return answer

    @admin.display(description=_("when"), ordering="pgh_created_at")
    def changed(self, event: Any) -> str:
        return moment(event.pgh_created_at)

    @admin.display(description=_("who"), ordering="user")
    def who(self, event: Any) -> str:
        return str(event.user.email if event.user else _("the panel"))

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
        return event.url or ""
