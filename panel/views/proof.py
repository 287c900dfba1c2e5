"""A domain that waits for proof: what to do, what was found, look now, or give it up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Right, is_provider, may, require
from accounts.domains import claims
from accounts.models import Domain, DomainClaim, User
from accounts.selectors import claims as visible_claims
from lib.errors import Refused
from panel import lifecycle, proving
from panel.waiting import Waiting


def proof_url(claim: DomainClaim) -> str:
    """One account's claim: several that a person sees may be for the same name."""
    return f"{reverse('domain-proof', args=[claim.name])}?{urlencode({'account': claim.account_id})}"


def or_proof(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The domain's page; while the person only has a claim to it, the page of that."""

    @wraps(view)
    def shown(request: HttpRequest, name: str) -> HttpResponse:
        try:
            return view(request, name=name)
        except Http404:
            claim = visible_claims(request.user).filter(name=name).first()
            if claim is None:
                raise
            return redirect(proof_url(claim))

    return shown


@never_cache
@require_safe
def domain_proof(request: HttpRequest, name: str) -> HttpResponse:
    """htmx asks for the ``#now`` part again and again; once it is a domain, it is sent to its page."""
    try:
        claim = _claim_or_404(request, name, Right.SETTINGS)
    except Http404:
        if not Domain.objects.visible_to(request.user).filter(name=name).exists():
            raise
        return _to_domain(request, name)
    part = "#now" if request.headers.get("HX-Request") else ""
    return render(request, f"panel/domain_proof.html{part}", _context(request, claim))


@require_POST
def domain_proof_look(request: HttpRequest, name: str) -> HttpResponse:
    claim = _claim_or_404(request, name, Right.DOMAINS)
    try:
        claims.claim_look_wanted(actor=cast(User, request.user), claim=claim)
    except Refused as refused:
        messages.info(request, refused.message)
    else:
        proving.look_soon()
    return redirect(proof_url(claim))


@require_POST
def domain_proof_drop(request: HttpRequest, name: str) -> HttpResponse:
    claim = _claim_or_404(request, name, Right.DOMAINS)
    claims.claim_drop(actor=cast(User, request.user), claim=claim)
    messages.success(request, _("%(name)s no longer waits for proof.") % {"name": claim})
    return redirect("home")


@require_POST
def domain_proof_accept(request: HttpRequest, name: str) -> HttpResponse:
    """The provider's word, or a trusted reseller's."""
    claim = _claim_or_404(request, name, Right.DOMAINS)
    try:
        lifecycle.claim_accept(actor=cast(User, request.user), claim=claim)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(proof_url(claim))
    return redirect("domain-overview", name=name)


def _claim_or_404(request: HttpRequest, name: str, right: Right) -> DomainClaim:
    """Of ``?account=``, else the first that the person sees. Raises Denied for who lacks ``right``."""
    rows = visible_claims(request.user).filter(name=name)
    account = request.GET.get("account", "")
    if account:
        rows = rows.filter(account=int(account)) if account.isdecimal() and len(account) < 18 else rows.none()
    claim = rows.first()
    if claim is None:
        raise Http404
    require(request.user, right, account=claim.account)
    return claim


def _context(request: HttpRequest, claim: DomainClaim) -> dict[str, Any]:
    others = visible_claims(request.user).filter(name=claim.name).exclude(pk=claim.pk)[:5]
    return {
        "claim": claim,
        "waiting": Waiting(claim),
        "query": urlencode({"account": claim.account_id}),
        "others": [(other, proof_url(other)) for other in others],
        "may_change": may(request.user, Right.DOMAINS, account=claim.account),
        "may_accept": is_provider(request.user),
    }


def _to_domain(request: HttpRequest, name: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("domain-overview", args=[name])})
    return redirect("domain-overview", name=name)
