"""Every domain at a glance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panel import home as lists


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    query = lists.HomeQuery.of(request.GET.dict())
    return render(request, "panel/home.html", {"home": lists.home(request.user, query), "query": query})
