"""Who is really asking: what a proxy may say about a request."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_SAID_BY_PROXIES = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)


class ProxyMiddleware:
    """``REMOTE_ADDR`` becomes the client's address when a declared proxy (settings.TRUSTED_PROXIES) names it;
    what anybody else says about where a request comes from is dropped. An empty ``REMOTE_ADDR`` is a Unix
    socket, which only the proxy can open."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted = [ipaddress.ip_network(text) for text in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        if not peer or self._is_proxy(peer):
            request.META["REMOTE_ADDR"] = (
                self._client(request.META.get("HTTP_X_FORWARDED_FOR", "")) or peer or "127.0.0.1"
            )
        else:
            for header in _SAID_BY_PROXIES:
                request.META.pop(header, None)
        return self.get_response(request)

    def _client(self, forwarded: str) -> str:
        """The last address that is not a proxy of ours: everything left of it is hearsay."""
        for hop in reversed([part.strip() for part in forwarded.split(",")]):
            try:
                ipaddress.ip_address(hop)
            except ValueError:
                return ""
            if not self._is_proxy(hop):
                return hop
        return ""

    def _is_proxy(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self.trusted)
