"""The page of the autoresponder, of a mailbox's owner and of its user."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lib.errors import Refused
from mailboxes.autoresponder import services
from mailboxes.autoresponder.forms import AutoresponderForm
from mailboxes.autoresponder.trying import autoresponder_test
from mailboxes.models import Autoresponder
from mailboxes.views.either import EitherPage
from provision.selectors import statuses


class AutoresponderPage(EitherPage):
    """Its buttons: save, show a preview, send a test, on and off."""

    tab = "autoresponder"
    row: Autoresponder | None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.row = Autoresponder.objects.filter(mailbox_id=self.mailbox.pk).first()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._page(AutoresponderForm.of(self.row))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        do = request.POST.get("do", "save")
        if do == "switch":
            return self._switch(request)
        form = AutoresponderForm(request.POST)
        if form.is_valid():
            try:
                return self._done(do, form)
            except Refused as refused:
                form.refuse(refused)
        return self._page(form, status=422)

    def _switch(self, request: HttpRequest) -> HttpResponse:
        services.autoresponder_switch(
            actor=request.user, mailbox=self.mailbox, enabled=request.POST.get("on") == "1"
        )
        return redirect(self.url("autoresponder"))

    def _done(self, do: str, form: AutoresponderForm) -> HttpResponse:
        values = form.cleaned_data
        if do == "preview":
            services.time_check(values["starts"], values["ends"], values["zone"])
            return self._page(form, preview=self._preview(values))
        if do == "test":
            to = autoresponder_test(
                actor=self.request.user,
                mailbox=self.mailbox,
                to=self.request.POST.get("to", "")[:320],
                subject=values["subject"],
                text=values["text"],
            )
            messages.success(self.request, _("The test is on its way to %(address)s.") % {"address": to})
            return self._page(form)
        services.autoresponder_set(actor=self.request.user, mailbox=self.mailbox, **values)
        messages.success(self.request, _("Saved."))
        return redirect(self.url("autoresponder"))

    def _preview(self, values: dict[str, Any]) -> dict[str, Any]:
        zone = ZoneInfo(values["zone"])
        local = {name: values[name].astimezone(zone) if values[name] else None for name in ("starts", "ends")}
        return {**values, **local, "sender": self.mailbox.address}

    def _page(
        self, form: AutoresponderForm, *, preview: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        key = f"script/{self.mailbox.address}"
        now = timezone.now()
        context = self.get_context_data(
            form=form,
            preview=preview,
            row=self.row,
            answers=bool(self.row and self.row.answers_at(now)),
            over=bool(self.row and self.row.is_over(now)),
            status=statuses([key]).get(key),
            to=self.request.POST.get("to", "")[:320] or self.mailbox.address,
        )
        return render(self.request, "mailboxes/autoresponder/page.html", context, status=status)
