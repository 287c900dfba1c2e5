"""Every domain at a glance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from delivery.charts.selectors import Scope
from delivery.views.charts import week
from panel import home as lists


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    query = lists.HomeQuery.of(request.GET.dict())
    found = lists.home(request.user, query)
    chart = week(Scope(user=request.user)) if found.day else None
    return render(request, "panel/home.html", {"home": found, "query": query, "chart": chart})
