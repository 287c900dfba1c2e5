"""A domain comes and goes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Domain, User
from lib.errors import Refused
from panel import lifecycle, selectors
from panel.forms import DomainDeleteForm, DomainForm


def _actor(request: HttpRequest) -> User:
    """The signed-in person; LoginRequiredMiddleware has seen to it that there is one."""
    assert isinstance(request.user, User)  # noqa: S101 - tells the type checker what the middleware guarantees
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def domain_add(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    form = DomainForm(request.POST or None, user=actor, initial={"account": request.GET.get("account")})
    if request.method == "POST" and form.is_valid():
        try:
            domain = lifecycle.domain_create(
                actor=actor, account=form.account_chosen(), name=form.cleaned_data["name"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(
                request, _("%(name)s is saved. Its zone and mail are on their way.") % {"name": domain}
            )
            return redirect("domain-overview", name=domain.name)
    return render(request, "panel/domain_add.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def domain_delete(request: HttpRequest, name: str) -> HttpResponse:
    """Names what is lost, and asks for the domain's name."""
    domain = get_object_or_404(Domain.objects.visible_to(request.user), name=name)
    form = DomainDeleteForm(request.POST or None, domain=domain)
    if request.method == "POST" and form.is_valid():
        lifecycle.domain_delete(actor=_actor(request), domain=domain)
        messages.success(request, _("%(name)s is deleted.") % {"name": domain.display_name})
        return redirect("home")
    context = {"domain": domain, "form": form, "loss": selectors.domain_loss(domain)}
    return render(request, "panel/domain_delete.html", context)
