"""One program's guide for one mailbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from accounts.branding.select import brand_of
from guides.catalog import programs
from guides.devices import shelves
from guides.filling import fill, ways_of
from guides.views.base import ConnectPage


class ConnectGuide(ConnectPage):
    """``?protocol=pop3``: for POP3, where the program can do it and the server offers it."""

    def get(self, request: HttpRequest, *, program: str, **kwargs: Any) -> HttpResponse:
        found = programs().get(program)
        if found is None:
            raise Http404
        provider = brand_of(self.domain.account).get("name") or settings.PROVIDER_NAME
        ways = ways_of(found, self.config)
        asked = request.GET.get("protocol", "")
        protocol = asked if asked in ways else ways[0]
        guide = fill(
            found, config=self.config, protocol=protocol, provider=provider, language=get_language() or ""
        )
        _groups, first = shelves(request.headers.get("User-Agent", ""), self.url)
        context = self.get_context_data(
            guide=guide,
            program=found,
            protocol=protocol,
            ways=ways,
            shut=protocol in self.closed or "smtp" in self.closed,
            first=[offer for offer in first if offer.slug != program],
            here=self.url("connect-guide", program),
        )
        return render(request, "guides/guide.html", context)
