"""What mail programs and phones fetch. Nobody signs in, no cookie is set or looked at, nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from guides.auto import autoconfig, autodiscover
from guides.auto.asked import BadBody, body_of, offer_or_404, typed_or_none
from guides.auto.markup import BadXml
from guides.auto.offers import panel_host
from guides.auto.typed import BadAddress, address_of

MINUTES = 10
_CACHED = {"Cache-Control": f"public, max-age={MINUTES * 60}"}
_NEVER = {"Cache-Control": "no-store"}
View = Callable[..., HttpResponse]


def for_programs(view: View) -> View:
    """What is wrong comes back as a short line, not as a page: so nobody asks for a form's token either."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except BadAddress:
            return plain(400, "This is not an e-mail address of anybody here.")
        except Http404:
            return plain(404, "No mail of this domain is here.")

    return login_not_required(csrf_exempt(shown))


def plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8", headers=_NEVER)


@for_programs
@require_safe
def mozilla(request: HttpRequest) -> HttpResponse:
    """Over plain HTTP too: what is told is public, and the mail program asks its person afterwards."""
    typed = typed_or_none(request.GET.get("emailaddress", ""))
    offer = offer_or_404(request, typed)
    guide = f"{offer.url}{reverse('setup-start', urlconf=settings.ROOT_URLCONF)}"
    body = autoconfig.document(offer, guide, in_languages(_guide_words))
    return HttpResponse(body, content_type=autoconfig.CONTENT_TYPE, headers=_CACHED)


@for_programs
@require_http_methods(["GET", "HEAD", "POST"])
def pox(request: HttpRequest) -> HttpResponse:
    """Exchange answers a GET as one that asks for nothing: error 600. What is no question at all is a 400."""
    if request.method != "POST":
        return _pox_error(autodiscover.BAD_REQUEST, 200)
    try:
        question = autodiscover.question(body_of(request))
        typed = address_of(question.address)
    except (BadBody, BadXml, BadAddress):
        return _pox_error(autodiscover.BAD_REQUEST, 400)
    try:
        offer = offer_or_404(request, typed)
    except Http404:
        return _pox_error(autodiscover.UNKNOWN_ADDRESS, 404)
    if question.schema not in {"", autodiscover.SETTINGS}:
        return _pox_error(autodiscover.NO_PROVIDER, 200)
    body = autodiscover.document(offer)
    return HttpResponse(body, content_type=autodiscover.CONTENT_TYPE, headers=_NEVER)


def _pox_error(code: int, status: int) -> HttpResponse:
    body = autodiscover.error(code, panel_host(), timezone.now())
    return HttpResponse(body, status=status, content_type=autodiscover.CONTENT_TYPE, headers=_NEVER)


@csrf_exempt
@login_not_required
@require_safe
def json_v2(request: HttpRequest, address: str | None = None) -> HttpResponse:
    """Where the other answer is. Names of parameters in any case, as programs write them."""
    sent = {name.lower(): str(value) for name, value in request.GET.items()}
    protocol = sent.get("protocol", "")
    if not protocol:
        return _json_error(400, "MandatoryParameterMissing", "A valid value must be provided for 'Protocol'.")
    try:
        typed = address_of(address or sent.get("email", ""))
        offer_or_404(request, typed)
    except BadAddress:
        return _json_error(400, "InvalidUserId", "The given user is not an e-mail address.")
    except Http404:
        return _json_error(404, "UserNotFound", "The given user is not found.")
    if not autodiscover.knows_protocol(protocol):
        text = "The given protocol value is invalid. Supported values are 'AutodiscoverV1'."
        return _json_error(400, "InvalidProtocol", text)
    url = f"https://{request.get_host()}/autodiscover/autodiscover.xml"
    return HttpResponse(
        autodiscover.json_answer(url), content_type="application/json; charset=utf-8", headers=_CACHED
    )


def _json_error(status: int, code: str, message: str) -> HttpResponse:
    return HttpResponse(
        autodiscover.json_error(code, message),
        status=status,
        content_type="application/json; charset=utf-8",
        headers=_NEVER,
    )


def in_languages(text: Callable[[], str]) -> Mapping[str, str]:
    """Language → ``text()`` in it."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = text()
    return found


def _guide_words() -> str:
    return _("How to set up mail on each device")
