"""``?fragment=1``: the first few rows alone, for the mailbox's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts.access import Right
from delivery.ofmailbox import deliveries_of
from delivery.selectors import Key
from delivery.views.rows import rows_of
from mailboxes.people import MailboxUser
from mailboxes.views.either import EitherPage

FEW = 5


@method_decorator(never_cache, name="dispatch")
class Recent(EitherPage):
    right = Right.SETTINGS
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        before = Key.parse(request.GET.get("before", ""))
        rows, older = self.rows(before)
        few = "fragment" in request.GET
        context = self.get_context_data(
            rows=rows[:FEW] if few else rows, older=older, newest=before, few=few, here=self.url(self.tab)
        )
        template = f"mailboxes/recent/{self.template}.html"
        return render(request, f"{template}#rows" if few else template, context)

    template = ""

    def rows(self, before: Key | None) -> tuple[list[Any], Key | None]:
        raise NotImplementedError

    def person(self) -> MailboxUser:
        """The mailbox as its own user sees it: never what was of one that had the address before."""
        return self.own or MailboxUser.people.get(pk=self.mailbox.pk)


class Deliveries(Recent):
    tab = "deliveries"
    template = "deliveries"

    def rows(self, before: Key | None) -> tuple[list[Any], Key | None]:
        page = deliveries_of(
            self.mailbox.address, domain=self.domain, since=self.person().since(), before=before
        )
        return rows_of(page.entries, {self.domain.pk: self.domain.name}), page.older
