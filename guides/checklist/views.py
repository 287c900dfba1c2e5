"""The checklist of a domain, and of a mailbox."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import Right
from guides.checklist.course import before
from guides.checklist.points import score
from guides.checklist.whole import of_domain, of_mailbox
from mailboxes.views.base import DomainPage
from mailboxes.views.either import EitherPage


class DomainChecklist(DomainPage):
    right = Right.SETTINGS
    beside = ("zone",)
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = score(of_domain(self.domain))
        then = before(self.domain)
        context = self.get_context_data(
            nav="checklist",
            score=found,
            then=then,
            rise=found.value - then.score if then else 0,
        )
        return render(request, "guides/checklist/domain.html", context)


class MailboxChecklist(EitherPage):
    right = Right.SETTINGS
    tab = "checklist"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        points = of_mailbox(self.mailbox, url=self.url, password_url=self.url("password"))
        context = self.get_context_data(score=score(points))
        return render(request, "guides/checklist/mailbox.html", context)
