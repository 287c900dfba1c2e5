"""When a session was last used: written at most once a minute, after the page is made."""

from __future__ import annotations

import datetime as dt
import time
from collections import OrderedDict
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.signin.sessions import LISTED, address_of

MINUTE = dt.timedelta(minutes=1)
KEPT = 5000  # sessions whose last writing a process remembers


class SeenMiddleware:
    """Sessions of mailbox users are in no list, and have no mark."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.written: OrderedDict[str, float] = OrderedDict()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        if session.accessed and session.session_key and session.get(LISTED):
            self._write(session.session_key, address_of(request))
        return response

    def _write(self, key: str, address: str) -> None:
        now = time.monotonic()
        if now - self.written.get(key, -MINUTE.total_seconds()) < MINUTE.total_seconds():
            return
        self.written[key] = now
        self.written.move_to_end(key)
        while len(self.written) > KEPT:
            self.written.popitem(last=False)
        at = timezone.now()
        rows = UserSession.objects.filter(session_key=key, last_seen_at__lt=at - MINUTE)
        rows.update(last_seen_at=at, ip=address)
