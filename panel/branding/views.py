"""A reseller's face: what it is made of, and the addresses that browsers fetch it from."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import branding
from accounts.access import Right, one_account_or_404
from accounts.branding import select as brandselect
from accounts.models import Account, Brand, User
from accounts.models.places import places_of
from dnszone.provider import panel_address
from guides.auto.offers import known_host
from lib.errors import Refused
from panel.branding import hosts
from panel.branding.forms import BrandForm, Look
from panel.middleware.host import brand_at

_FOR_EVER = "public, max-age=31536000, immutable"  # a change has another address


@require_http_methods(["GET", "HEAD", "POST"])
def brand_edit(request: HttpRequest) -> HttpResponse:
    account = _reseller_or_404(request)
    brand = Brand.objects.filter(account=account).first()
    form = BrandForm(request.POST or None, request.FILES or None, brand=brand, account=account)
    if request.method == "POST" and form.is_valid():
        try:
            hosts.brand_save(
                actor=_actor(request), account=account, wish=form.wish(), logo=form.cleaned_data["logo"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Your brand is saved. This is how your clients see it."))
            return _back(account)
    context = {"form": form, "account": account, "look": Look.of(brand) if brand else None}
    return render(request, "branding/edit.html", context)


@require_POST
def logo_delete(request: HttpRequest) -> HttpResponse:
    account = _reseller_or_404(request)
    branding.logo_remove(actor=_actor(request), account=account)
    messages.success(request, _("The logo is deleted. Your name stands in its place."))
    return _back(account)


@require_POST
def hosts_look(request: HttpRequest) -> HttpResponse:
    account = _reseller_or_404(request)
    hosts.look_soon()
    messages.success(request, _("We look at your host names now. Open the page again in a moment."))
    return _back(account)


@login_not_required
@require_safe
def brand_css(request: HttpRequest, light: str, dark: str) -> HttpResponse:
    """The address is the content, so there is nothing to guess and nothing to ask the database."""
    text = f"@layer tokens {{ :root {{ --brand: light-dark(#{light}, #{dark}); }} }}\n"
    return HttpResponse(text, content_type="text/css", headers={"Cache-Control": _FOR_EVER})


@login_not_required
@require_safe
def brand_logo(request: HttpRequest, sha: str) -> HttpResponse:
    """By the SHA-256 of its bytes, which only who has seen it knows; on a brand's host that brand's alone."""
    brand = brand_at(request)
    png = brandselect.logo_bytes(sha) if brand is None or brand.logo == sha else None
    if png is None:
        raise Http404
    return HttpResponse(png, content_type="image/png", headers={"Cache-Control": _FOR_EVER})


@login_not_required
@require_safe
def tls_ask(request: HttpRequest) -> HttpResponse:
    """Caddy asks on loopback, before it gets a certificate for a name: 200 if it is the panel's own or a
    brand's, or one at which mail programs look for the settings of a domain with mail here and that DNS leads
    here, else 404."""
    if request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
        raise Http404
    name = request.GET.get("domain", "").lower().removesuffix(".")
    possible = 0 < len(name) <= 253 and "\0" not in name
    found = possible and (
        name == panel_address()[0]
        or brandselect.brand_of_host(name)
        or (known_host(name) and hosts.leads_here(name))
    )
    return HttpResponse(status=200 if found else 404)


def _reseller_or_404(request: HttpRequest) -> Account:
    """Whoever has no reseller's account does not learn that there is such a page."""
    if not any(place.kind == Account.Kind.RESELLER for place in places_of(request.user).places):
        raise Http404
    return one_account_or_404(request, Right.CLIENTS)


def _back(account: Account) -> HttpResponse:
    return redirect(f"{reverse('branding')}?account={account.pk}")


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - LoginRequiredMiddleware; told to the type checker
    return request.user
