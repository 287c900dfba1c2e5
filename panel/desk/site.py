"""The site itself: who gets in, what it is called, what stands on its first page."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from panel.desk.attention import attention

_APPS = {"mfa": _("Second steps at sign-in"), "pghistory": _("History")}
_MODELS = {
    "Authenticator": _("Apps, keys and codes"),
    "MiddlewareEvents": _("Changes"),
    "DkimKey": _("DKIM keys"),
    "DomainClaim": _("Domains that wait for proof"),
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
            if not all(_is_key(key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
                raise BadRequest("what is ticked are keys of rows")  # admin itself would stumble
            answer: HttpResponse = opened(request, *args, **kwargs)
            return answer

        return gate

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What needs somebody stands on the first page."""
        return super().index(request, {"desk": attention(request.user), **(extra_context or {})})

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


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
