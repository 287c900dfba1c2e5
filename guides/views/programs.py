"""Which program?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.vary import vary_on_headers

from guides.devices import shelves
from guides.views.base import ConnectPage


@method_decorator(vary_on_headers("User-Agent"), name="dispatch")
class Connect(ConnectPage):
    """``?fragment=1``: the card of values alone, for another page to show."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "fragment" in request.GET:
            return render(request, "guides/card.html", self.get_context_data())
        groups, first = shelves(request.headers.get("User-Agent", ""), self.url)
        return render(request, "guides/connect.html", self.get_context_data(groups=groups, first=first))
