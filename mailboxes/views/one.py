"""One mailbox: where it is, how full it is, how to connect, what can be done."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import protects
from mailboxes.desired import mailbox_key
from mailboxes.models import Compromise
from mailboxes.rebuilding.selectors import loss_of
from mailboxes.views.base import OnePage
from provision.selectors import statuses


class MailboxPage(OnePage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        key = mailbox_key(self.mailbox.address)
        context = self.get_context_data(
            status=statuses([key])[key],
            loss=loss_of(self.mailbox),
            stopped=Compromise.objects.still_open().filter(mailbox=self.mailbox).first(),
            key_of=protects(request.user, self.mailbox.address, self.domain.account),
            **kwargs,
        )
        return render(request, "mailboxes/mailbox.html", context)
