"""Who, from where and for whom: beside every change that a request makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pghistory
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from lib.history import safe_path

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})  # reading changes nothing, and asks for no person


class HistoryMiddleware:
    """In the place of pghistory's own, which takes everybody for a User and keeps tokens of paths. It stands
    after whatever sets ``request.user`` and ``acting_for``, and hears of a sign-in in mid-request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in _CHANGING:
            return self.get_response(request)
        where = {"url": _where(request), "ip": request.META.get("REMOTE_ADDR") or None}
        with pghistory.context(**where, **who(getattr(request, "user", None))):
            if isinstance(request, WSGIRequest):
                request.__class__ = _Watched
            return self.get_response(request)


class _Watched(WSGIRequest):
    def __setattr__(self, name: str, value: Any) -> None:
        if name == "user":
            pghistory.context(**who(value))
        super().__setattr__(name, value)


def who(user: Any) -> dict[str, Any]:
    """``user``: the key of a User, or None. ``mailbox``: the address of a mailbox's user. ``acting_for``: the
    key of an account."""
    if user is None or not user.is_authenticated:
        return {"user": None}
    if user._meta.label != settings.AUTH_USER_MODEL:
        return {"user": None, "mailbox": str(user.address)}
    client = user.acting_for
    return {"user": user.pk} | ({"acting_for": client.pk} if client else {})


def _where(request: HttpRequest) -> str:
    try:
        return safe_path(request.path, resolve(request.path_info, getattr(request, "urlconf", None)).kwargs)
    except Resolver404:
        return request.path
