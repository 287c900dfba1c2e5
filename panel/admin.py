"""The provider's desk: Django admin behind the panel's own sign-in."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode


class AdminSite(admin.AdminSite):
    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One sign-in for all: throttling and second factors hold here too."""
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
