"""The watch beside a guide: a part of its page that asks again, and a page of its own without JavaScript."""

from __future__ import annotations

import datetime as dt
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts.signin.sessions import address_of
from guides.views.base import ConnectPage
from guides.watching import saying
from guides.watching.looking import LONGEST, look
from guides.watching.troubles import Asked

_SKEW = dt.timedelta(seconds=2)  # between the panel's clock and a node's


@method_decorator(never_cache, name="dispatch")
class Watch(ConnectPage):
    """``?since=``: Unix seconds when the guide was opened, at most LONGEST ago; ``protocol``: the guide's;
    ``key``: what is shown already. The same answers 204, so that nothing is read out twice."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        since, over = _since(request.GET.get("since", ""), now)
        asked = request.GET.get("protocol", "")
        seen = self.seen(since, asked if asked in {"imap", "pop3"} else "imap")
        done = all(seen[way].state == "ok" for way in ("incoming", "outgoing"))
        key = _key(seen, over)
        if request.htmx and request.GET.get("key") == key:  # type: ignore[attr-defined]  # django_htmx's
            return HttpResponse(status=204)
        values = {"since": int(since.timestamp()), "protocol": seen["protocol"]}
        watch = self.url("connect-watch")
        context = seen | {
            "watching": not over and not done,
            "over": over,
            "poll": f"{watch}?{urlencode(values | {'key': key})}",
            "look": f"{watch}?{urlencode(values)}",
            "again": f"{watch}?{urlencode({'protocol': seen['protocol']})}",
            "test": self.url("connect-test"),
        }
        if request.htmx:  # type: ignore[attr-defined]  # django_htmx's
            return render(request, "guides/watching/seen.html", context)
        return render(request, "guides/watching/page.html", self.get_context_data(**context))

    def seen(self, since: dt.datetime, protocol: str) -> dict[str, Any]:
        asked = Asked(mailbox=self.mailbox, protocol=protocol, since=since, own=self.own is not None)
        client = address_of(self.request)
        looked = look(self.mailbox, since=since - _SKEW, client=client)
        return {
            "incoming": saying.incoming(looked, asked),
            "outgoing": saying.outgoing(looked, asked),
            "late": saying.late(looked),
            "blocked": saying.blocked(looked, asked),
            "protocol": protocol,
            "client": client,
        }


def _since(text: str, now: dt.datetime) -> tuple[dt.datetime, bool]:
    """When the watch began, and whether it is over. Without a time it begins now; what lies too far back, or
    ahead, is brought near."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return now, False
    begun = dt.datetime.fromtimestamp(int(text), dt.UTC)
    if begun > now:
        return now, False
    return max(begun, now - LONGEST), begun < now - LONGEST


def _key(seen: dict[str, Any], over: bool) -> str:
    said = [seen["incoming"].key, seen["outgoing"].key, str(seen["blocked"]), seen["late"], str(over)]
    return blake2b("\n".join(said).encode(), digest_size=9).hexdigest()
