"""A domain comes and goes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import Right, domain_or_404
from accounts.models import Domain, User
from lib.errors import Refused
from mailboxes import services as mailboxes
from panel import lifecycle, proving, selectors
from panel.forms import DomainDeleteForm, DomainForm
from panel.views.proof import proof_url


def _actor(request: HttpRequest) -> User:
    """The signed-in person; LoginRequiredMiddleware has seen to it that there is one."""
    assert isinstance(request.user, User)  # noqa: S101 - tells the type checker what the middleware guarantees
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def domain_add(request: HttpRequest) -> HttpResponse:
    form = DomainForm(
        request.POST or None, user=_actor(request), initial={"account": request.GET.get("account")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _taken(request, form)
        except Refused as refused:
            form.refuse(refused)
    return render(request, "panel/domain_add.html", {"form": form})


def _taken(request: HttpRequest, form: DomainForm) -> HttpResponse:
    """Raises Refused, Denied."""
    found = lifecycle.domain_take(
        actor=_actor(request),
        account=form.account_chosen(),
        name=form.cleaned_data["name"],
        consent=form.cleaned_data.get("consent", False),
        node=form.cleaned_data.get("node"),
    )
    if isinstance(found, Domain):
        messages.success(
            request, _("%(name)s is saved. Its zone and mail are on their way.") % {"name": found}
        )
        return redirect("domain-overview", name=found.name)
    proving.look_soon()
    return redirect(proof_url(found))


@require_http_methods(["GET", "HEAD", "POST"])
def domain_delete(request: HttpRequest, name: str) -> HttpResponse:
    """Names what is lost, and asks for the domain's name."""
    domain = domain_or_404(request, name, Right.DOMAINS)
    mailboxes.domain_deletable(actor=request.user, domain=domain)
    form = DomainDeleteForm(request.POST or None, domain=domain)
    if request.method == "POST" and form.is_valid():
        lifecycle.domain_delete(actor=_actor(request), domain=domain)
        messages.success(request, _("%(name)s is deleted.") % {"name": domain.display_name})
        return redirect("home")
    context = {"domain": domain, "form": form, "loss": selectors.domain_loss(domain)}
    return render(request, "panel/domain_delete.html", context)
