"""Sign-ins and devices of a mailbox, and who took mail out of it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from delivery import signins
from delivery.models import SignIn
from delivery.selectors import Key
from delivery.signins import words
from mailboxes.models import AppPassword
from panel.recent.views import Recent


class SignIns(Recent):
    tab = "sign-ins"
    template = "sign_ins"

    def rows(self, before: Key | None) -> tuple[list[Any], Key | None]:
        page = signins.recent_sign_ins(self.mailbox.address, since=self.begun, before=before)
        return words.rows_of(page.rows, self.labels), page.older

    @cached_property
    def labels(self) -> dict[str, str]:
        """App passwords by the id that logs name."""
        return dict(AppPassword.objects.filter(mailbox_id=self.mailbox.pk).values_list("key", "label"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if context.get("few") or context.get("newest"):
            return context
        mine = SignIn.objects.filter(login=self.mailbox.address, pk__gte=signins.first_key(self.begun))
        return context | {
            "devices": words.devices_of(
                signins.devices_of(self.mailbox.address, since=self.begun), self.labels
            ),
            "failures": signins.failures(mine),
            "vanished_url": self.url("vanished"),
        }


@method_decorator(never_cache, name="dispatch")
class Vanished(Recent):
    tab = "sign-ins"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        answers = signins.vanished(self.mailbox.address, since=self.begun)
        context = self.get_context_data(
            answers=[words.told(answer) for answer in answers], back_url=self.url("sign-ins"), few=True
        )
        return render(request, "mailboxes/recent/vanished.html", context)
