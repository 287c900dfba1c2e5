"""What a code leads to: one page an address, for the phone that scanned it. Open to all, and the same for an
address that nobody has."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from guides.auto import codes
from guides.auto.offers import Offer, offer_for
from guides.auto.typed import BadAddress, address_of
from mailboxes.forms import ServiceForm

APPLE, ANDROID, OTHER = "apple", "android", "other"
# iPadOS calls itself a Mac.
_WORDS = ((ANDROID, ("android",)), (APPLE, ("iphone", "ipad", "ipod", "macintosh", "mac os")))
_CACHED = {"Cache-Control": "public, max-age=600"}


class AddressForm(ServiceForm):
    address = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=320,
        error_messages={"required": gettext_lazy("Write the whole address, such as info@example.com.")},
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


def platform_of(agent: str) -> str:
    """``agent``: the User-Agent, anybody's text."""
    said = agent[:400].lower()
    return next((kind for kind, words in _WORDS if any(word in said for word in words)), OTHER)


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Which address? Programs name this page in their own words: "more about this set-up"."""
    form = AddressForm(request.GET if "address" in request.GET else None)
    if form.is_bound and form.is_valid():
        try:
            typed = address_of(form.cleaned_data["address"])
        except BadAddress:
            form.add_error("address", _("Write the whole address, such as info@example.com."))
        else:
            if offer_for(typed.local, typed.domain):
                return redirect("setup", typed.address)
            text = _("No mail of %(domain)s is here. Look at what comes after the @.")
            form.add_error("address", text % {"domain": typed.domain})
    return render(request, "guides/auto/start.html", {"form": form})


@login_not_required
@require_safe
def setup(request: HttpRequest, address: str) -> HttpResponse:
    offer = _offer_or_404(address)
    platform = platform_of(request.headers.get("User-Agent", ""))
    asked = request.GET.get("on", "")
    context: dict[str, Any] = {
        "offer": offer,
        "address": offer.address,
        "config": offer.config,
        "platform": asked if asked in {APPLE, ANDROID, OTHER} else platform,
        "profile_url": f"{reverse('profile-file')}?address={quote(offer.address)}",
    }
    response = render(request, "guides/auto/setup.html", context)
    patch_vary_headers(response, ["User-Agent"])
    return response


@login_not_required
@require_safe
def code(request: HttpRequest, address: str) -> HttpResponse:
    """To scan with the phone's camera: leads to ``setup``."""
    offer = _offer_or_404(address)
    return _picture(codes.picture(f"{offer.url}{reverse('setup', args=[offer.address])}"))


@login_not_required
@require_safe
def thunderbird_code(request: HttpRequest, address: str) -> HttpResponse:
    """To scan with Thunderbird for Android or K-9 itself. No password is in it."""
    text = codes.thunderbird_mobile(_offer_or_404(address))
    if not text:
        raise Http404
    return _picture(codes.picture(text, dense=True))


def _picture(svg: bytes) -> HttpResponse:
    return HttpResponse(svg, content_type=codes.CONTENT_TYPE, headers=_CACHED)


def _offer_or_404(address: str) -> Offer:
    """Raises BadRequest for what is no address."""
    try:
        typed = address_of(address)
    except BadAddress:
        raise BadRequest("no address") from None
    offer = offer_for(typed.local, typed.domain)
    if offer is None:
        raise Http404
    return offer
