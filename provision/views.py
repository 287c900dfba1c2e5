"""The status badge asks here again, and here a person has a refused change tried again."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from provision import selectors, services
from provision.models import Push
from provision.templatetags.provision import badge_page


@never_cache
@require_safe
def badge(request: HttpRequest) -> HttpResponse:
    """The badge of ``?key=``, alone: it replaces itself until there is nothing more to wait for."""
    key = request.GET.get("key", "")
    rows = Push.objects.visible_to(request.user).select_related("domain__account")
    push = None if "\0" in key else rows.defer("payload").filter(key=key).first()
    if push is None:
        raise Http404
    return badge_of(request, push)


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try now. With htmx the badge comes back, without it the page where the person was."""
    push = get_object_or_404(Push.objects.visible_to(request.user).select_related("domain__account"), pk=pk)
    services.push_retry(actor=cast(User, request.user), push=push)
    if request.headers.get("HX-Request"):
        return badge_of(request, push)
    return redirect(_back(request))


def badge_of(request: HttpRequest, push: Push) -> HttpResponse:
    """For who may see ``push``."""
    brief = "brief" in request.GET or "brief" in request.POST
    status = selectors.statuses([push.key])[push.key]
    context = {
        "status": status,
        "brief": brief,
        "can_retry": services.may_retry(request.user, push.domain),
        "badge_page": badge_page(request.user),
    }
    return render(request, "provision/badge.html#now", context)


def _back(request: HttpRequest) -> str:
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        path = urlsplit(referer)._replace(scheme="", netloc="").geturl()
        if path.startswith("/") and url_has_allowed_host_and_scheme(path, None):  # not //elsewhere
            return path
    return reverse("home")
