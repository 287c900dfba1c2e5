"""Pages that show what may still be sent, and change how much that is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Right, may
from lib.errors import Denied, Refused
from mailboxes.models import SendingLimit
from mailboxes.sending.forms import LimitForm
from mailboxes.sending.numbers import NUMBERS
from mailboxes.sending.selectors import limit_of, use_of
from mailboxes.sending.services import domain_limit_set, mailbox_limit_set
from mailboxes.views.base import DomainPage
from mailboxes.views.either import EitherPage


def _initial(row: SendingLimit) -> dict[str, Any]:
    return {name: getattr(row, name) for name in NUMBERS}


class MailboxSending(EitherPage):
    """Its user looks; who manages the domain may set the limits."""

    right = Right.LOOK
    tab = "sending"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = limit_of(mailbox=self.mailbox)
        return self.page(LimitForm(initial=_initial(row), of_mailbox=True))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.own:
            raise Denied(_("The domain’s owner sets these limits."))
        form = LimitForm(request.POST, of_mailbox=True)
        if form.is_valid():
            try:
                mailbox_limit_set(actor=request.user, mailbox=self.mailbox, numbers=form.numbers())
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(request, _("The limits are changed."))
                return redirect(self.url("sending"))
        return self.page(form)

    def page(self, form: LimitForm) -> HttpResponse:
        context = self.get_context_data(
            form=form,
            use=use_of(self.mail_domain, self.mailbox.address),
            can_set=not self.own
            and may(self.request.user, Right.MANAGE, account=self.domain.account, domain=self.domain),
        )
        return render(self.request, "mailboxes/sending/mailbox.html", context)


class DomainSending(DomainPage):
    right = Right.SETTINGS

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = limit_of(mail_domain=self.mail_domain)
        return self.page(LimitForm(initial=_initial(row), of_mailbox=False))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = LimitForm(request.POST, of_mailbox=False)
        if form.is_valid():
            try:
                domain_limit_set(actor=request.user, mail_domain=self.mail_domain, numbers=form.numbers())
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(request, _("The limits are changed."))
                return redirect("domain-sending", self.domain.name)
        return self.page(form)

    def page(self, form: LimitForm) -> HttpResponse:
        context = self.get_context_data(
            form=form,
            use=use_of(self.mail_domain, f"@{self.domain.name}"),
            can_set=may(self.request.user, Right.MANAGE, account=self.domain.account, domain=self.domain),
            nav="sending",
        )
        return render(self.request, "mailboxes/sending/domain.html", context)
