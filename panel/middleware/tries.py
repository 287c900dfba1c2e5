"""What signing in leaves in an answer: 429 for who has to wait, a cookie for a browser that got in."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.signin import devices, tries


class TriesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = tries.answered(request, self.get_response(request))
        devices.put_into(request, response)
        return response
