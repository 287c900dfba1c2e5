"""What a program sent, before anything is looked up: its address, its body, the host it came by."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import Http404, HttpRequest

from guides.auto.offers import Offer, domains_of_host, offer_for
from guides.auto.typed import BadAddress, Typed, address_of

MOST_BODY = 64 * 1024  # a question has some 400 bytes
_DIGITS = re.compile(r"[0-9]{1,9}")


class BadBody(ValueError):
    """Too long, cut off, or unreadable."""


def host_asked(request: HttpRequest) -> str:
    """The domain's own name that the program came by (panel.middleware.host); empty: a name of the panel."""
    found: str = getattr(request, "auto_host", "")
    return found


def offer_or_404(request: HttpRequest, typed: Typed | None) -> Offer:
    """For the address; without one, for the domain that the host speaks for. At a domain's own host there is
    only what is its own; the provider's own host speaks for all. Raises Http404; BadAddress for neither."""
    host = host_asked(request)
    names = domains_of_host(host) if host else []
    if typed is not None:
        if names and typed.domain not in names and settings.PROVIDER_DOMAIN not in names:
            raise Http404
        names = [typed.domain]
    elif not names:
        raise BadAddress
    for name in names:
        if offer := offer_for(typed.local if typed else "", name):
            return offer
    raise Http404


def typed_or_none(text: str) -> Typed | None:
    """None: nothing was sent, or the very word that a program should have put the address in place of.
    Raises BadAddress."""
    text = text.strip(" \t\r\n")
    return None if text in {"", "%EMAILADDRESS%"} else address_of(text)


def body_of(request: HttpRequest) -> bytes:
    """All of it, of a known length or in pieces. No more than MOST_BODY is read. Raises BadBody."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if length and not (_DIGITS.fullmatch(length) and int(length) <= MOST_BODY):
        raise BadBody
    try:
        # Django takes a body without a length for an empty one; the server below knows where it ends.
        pieces = not length and request.META.get("wsgi.input_terminated")
        body: bytes = (
            request.META["wsgi.input"].read(MOST_BODY + 1) if pieces else request.read(MOST_BODY + 1)
        )
    except OSError:
        raise BadBody from None
    if len(body) > MOST_BODY:
        raise BadBody
    return body
