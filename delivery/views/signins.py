"""Sign-ins to the mailboxes of a domain, or of every domain of the person who asks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import Right, domain_or_404, require_somewhere
from delivery import signins
from delivery.signins import words
from delivery.signins.forms import SignInFilter


@never_cache
@require_safe
def sign_ins(request: HttpRequest, name: str | None = None) -> HttpResponse:
    if name is None:
        require_somewhere(request.user, Right.SETTINGS)
    domain = domain_or_404(request, name, Right.SETTINGS) if name is not None else None
    form = SignInFilter(request.GET)
    form.is_valid()
    query = form.query()
    page = signins.page_of_domain(request.user, domain, query)
    first = query.before is None
    context = {
        "domain": domain,
        "nav": "sign-ins",
        "parent": "domain_base.html" if domain else "base.html",
        "form": form,
        "filtered": bool(form.kept()),
        "rows": words.rows_of(page.rows),
        "failures": signins.failures(signins.of_domain(request.user, domain)) if first else None,
        "here": reverse("sign-ins", args=[domain.name]) if domain else reverse("sign-ins-all"),
        "newest": "" if first else form.link(),
        "older": form.link(before=str(page.older)) if page.older else "",
    }
    return render(request, "delivery/signins/list.html", context)
