"""Counted tries in forms: whoever has to wait is told for how long, and the answer is a 429."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from accounts.signin import devices, networks, throttle
from accounts.signin.sessions import address_of

TOO_MANY = 429  # RFC 6585 §4


@contextmanager
def counted(
    request: HttpRequest, policy: throttle.Policy, login: str, hashes: Iterable[str] = ()
) -> Iterator[throttle.Try]:
    """A try for ``login`` from where the request comes. ``hashes``: of the passwords that its device cookie
    may be made with. Raises ValidationError, and marks the request, when it has to wait."""
    try:
        one = throttle.take(
            policy,
            login=login,
            network=networks.near(address_of(request)),
            device=devices.number_in(request, login, hashes),
        )
    except throttle.TooMany as refused:
        raise _told(request, refused.seconds) from None
    yield one


def _told(request: HttpRequest, seconds: int) -> ValidationError:
    request.wait_seconds = seconds  # type: ignore[attr-defined]  # read by answered
    text = ngettext(
        "Too many wrong tries. Nothing was looked at. Wait %(n)s second, then try again.",
        "Too many wrong tries. Nothing was looked at. Wait %(n)s seconds, then try again.",
        seconds,
    )
    return ValidationError(text % {"n": seconds}, code="too_many")


def answered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The form's page, as what it is (RFC 9110 §10.2.3)."""
    seconds = getattr(request, "wait_seconds", 0)
    if seconds and response.status_code == 200:
        response.status_code = TOO_MANY
        response["Retry-After"] = str(seconds)
    return response
