"""One mail's page for the user of a mailbox: what it sent, or was sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from accounts.models import Domain
from delivery.journey import Side
from delivery.models import Entry
from delivery.ofmailbox import delivery_of
from delivery.trail import trail_of
from delivery.views.message import message_page
from mailboxes.people import MailboxUser


@method_decorator(never_cache, name="dispatch")
class OwnDelivery(View):
    http_method_names = ["get", "head"]
    own: MailboxUser
    domain: Domain
    entry: Entry

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Not there for a stranger, whatever the verb."""
        super().setup(request, *args, **kwargs)
        if not isinstance(request.user, MailboxUser):
            raise Http404
        self.own = request.user
        self.domain = self.own.mail_domain.domain
        kept = timezone.now() - dt.timedelta(days=self.domain.account.log_days)
        since = max(self.own.since(), kept)
        entry = delivery_of(self.own.address, kwargs["pk"], domain=self.domain, since=since)
        if entry is None:
            raise Http404
        self.entry = entry

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        frame = {
            "parent": "mailboxes/own/base.html",
            "mailbox": self.own,
            "own": self.own,
            "domain": self.domain,
            "nav": "deliveries",
            "list_url": reverse("own-deliveries"),
            "names": {},
        }
        side = Side(login=self.own.address.lower())
        return message_page(request, self.entry, trail_of(self.entry), side, frame)
