"""Finding a mailbox, a domain or a client."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panel import search as finding


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    found = finding.search(request.user, request.GET.dict())
    return render(request, "panel/search.html", {"found": found, "most": finding.MOST})
