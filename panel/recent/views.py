"""``?fragment=1``: the first few rows alone, for the mailbox's page."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts.access import Right
from delivery.forms import TrackFilter
from delivery.ofmailbox import deliveries_of
from delivery.selectors import Key
from delivery.views.listing import HELP, chips, days
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

    @cached_property
    def begun(self) -> dt.datetime:
        """Nothing from before this: of whoever had the address before, or older than the plan keeps."""
        kept = timezone.now() - dt.timedelta(days=self.domain.account.log_days)
        return max(self.person().since(), kept)

    def person(self) -> MailboxUser:
        """The mailbox as its own user sees it: never what was of one that had the address before."""
        return self.own or MailboxUser.people.get(pk=self.mailbox.pk)


class Deliveries(Recent):
    """The address carries the filter, as in Track Delivery."""

    tab = "deliveries"
    template = "deliveries"

    @cached_property
    def form(self) -> TrackFilter:
        form = TrackFilter(self.request.GET, own=True)
        form.is_valid()
        return form

    def rows(self, before: Key | None) -> tuple[list[Any], Key | None]:
        page = deliveries_of(
            self.mailbox.address,
            domain=self.domain,
            since=self.begun,
            query=self.form.query(),
            own=self.own is not None,
        )
        return rows_of(page.entries, {self.domain.pk: self.domain.name}), page.older

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, older = self.form, kwargs.get("older")
        filters = {
            "form": form,
            "list_url": self.url(self.tab),
            "chips": chips(form),
            "days": days(form),
            "search_help": HELP,
            "filtered": bool(form.kept()),
            "older_url": form.link(before=str(older)) if older else "",
            "newest_url": form.link() if kwargs.get("newest") else "",
        }
        return super().get_context_data(**filters | kwargs)
