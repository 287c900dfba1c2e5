"""Which mailbox of a domain."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import Right
from guides import selectors
from mailboxes.views.base import DomainPage


class ConnectPick(DomainPage):
    """The values that hold for every mailbox of the domain, and which mailbox to fill them in for."""

    right = Right.SETTINGS
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        query = _clean(request, "q").strip()
        mailboxes, more = selectors.mailboxes_to_pick(
            domain=self.domain, query=query, after=_clean(request, "after")
        )
        context = self.get_context_data(
            nav="connect",
            config=selectors.settings_for("", domain=self.domain),
            mailboxes=mailboxes,
            query=query,
            more=more,
        )
        return render(request, "guides/domain_connect.html", context)


def _clean(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "")[:64]
