"""Device cookies: a browser that signed in as somebody is known again, whatever attackers do meanwhile.

One cookie a login, signed, without the address in it. It holds as long as the password it was made with: a
new password voids all.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.signin import throttle

SALT = "accounts.signin.devices"
AGE = 180 * 24 * 3600
MOST = 8  # cookies a browser keeps; more people than that hardly share one


def name_of(login: str) -> str:
    return f"__Host-device-{throttle.anonymous(login)}"


def number_in(request: HttpRequest, login: str, hashes: Iterable[str]) -> str:
    """The number of this browser for ``login`` if one of the password hashes is what its cookie was made
    with; empty otherwise."""
    try:
        number, print_ = signing.loads(request.COOKIES.get(name_of(login), ""), salt=SALT, max_age=AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    good = any(constant_time_compare(print_, _print(login, each)) for each in hashes if each)
    return str(number) if good else ""


def give(request: HttpRequest, login: str, password_hash: str) -> None:
    """With the answer to this request (panel.middleware.tries) the browser gets a cookie."""
    value = signing.dumps([secrets.token_urlsafe(12), _print(login, password_hash)], salt=SALT)
    request.device_cookie = (name_of(login), value)  # type: ignore[attr-defined]  # read by put_into


def put_into(request: HttpRequest, response: HttpResponse) -> None:
    found: tuple[str, str] | None = getattr(request, "device_cookie", None)
    if found is None:
        return
    name, value = found
    response.set_cookie(name, value, max_age=AGE, secure=True, httponly=True, samesite="Lax")
    others = [one for one in request.COOKIES if one.startswith("__Host-device-") and one != name]
    for one in others[: max(0, len(others) + 1 - MOST)]:
        response.set_cookie(one, "", max_age=0, secure=True, httponly=True, samesite="Lax")


def _print(login: str, password_hash: str) -> str:
    return salted_hmac(SALT, f"{login}\n{password_hash}", algorithm="sha256").hexdigest()[:32]
