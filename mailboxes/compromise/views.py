"""The guided way back for a login whose sending was stopped."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Right, guard
from lib.errors import Refused
from mailboxes.access.services import app_passwords_revoke_all
from mailboxes.compromise import services
from mailboxes.compromise.queue import held_change, held_mails
from mailboxes.compromise.steps import additions, steps, website_of
from mailboxes.compromise.words import words
from mailboxes.filters.live import own_script
from mailboxes.models import Compromise
from mailboxes.views.base import DomainPage
from provision.asking import NodeSilent
from provision.selectors import statuses


class StoppedPage(DomainPage):
    """What was seen, the steps, and the mail that waits."""

    right = Right.MANAGE
    compromise: Compromise

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = Compromise.objects.visible_to(request.user).select_related("mailbox")
        self.compromise = get_object_or_404(rows, pk=kwargs["stop"], mail_domain=self.mail_domain)
        self.compromise.mail_domain = self.mail_domain
        if self.compromise.mailbox is not None:
            self.compromise.mailbox.mail_domain = self.mail_domain
        guard(request.user, [self.compromise.login], self.domain.account)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page()

    def page(self, refused: str = "") -> HttpResponse:
        row = self.compromise
        key = services.hold_wanted(row).key
        context = self.get_context_data(
            compromise=row,
            mailbox=row.mailbox,
            reasons=[words(sign) for sign in row.reasons],
            steps=steps(row),
            additions=additions(row),
            website=website_of(row),
            refused=refused,
            status=statuses([key])[key],
            **self.live(),
        )
        return render(self.request, "mailboxes/compromise/stopped.html", context)

    def live(self) -> dict[str, Any]:
        """What its node says now; ``silent``: that it says nothing."""
        row = self.compromise
        if row.released_at is not None:
            return {}
        try:
            mails = held_mails(row)
        except NodeSilent as error:
            return {"silent": str(error)}
        script = own_script(row.mailbox)["own_script"] if row.mailbox else None
        return {"mails": mails, "own_script": script}

    def back(self) -> HttpResponse:
        return redirect("stopped", self.domain.name, self.compromise.pk)

    def posted(self, request: HttpRequest) -> None:
        raise NotImplementedError


class StoppedStep(StoppedPage):
    """A form of the page; a GET leads back to it."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.back()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            self.posted(request)
        except (Refused, NodeSilent) as refused:
            return self.page(refused=str(refused))
        return self.back()


class StoppedReview(StoppedStep):
    def posted(self, request: HttpRequest) -> None:
        services.compromise_review(actor=request.user, compromise=self.compromise)


class StoppedPasswords(StoppedStep):
    """Revoke all app passwords; who needs one makes it anew."""

    def posted(self, request: HttpRequest) -> None:
        if self.compromise.mailbox is not None:
            app_passwords_revoke_all(actor=request.user, mailbox=self.compromise.mailbox)


class StoppedQueue(StoppedStep):
    """``do``: delete or keep, for the ticked ``id``s; ``reviewed``: that is all."""

    def posted(self, request: HttpRequest) -> None:
        if "delete" in request.POST:
            gone = held_change(self.compromise, "delete", request.POST.getlist("id"))
            text = ngettext("%(n)s mail is deleted.", "%(n)s mails are deleted.", gone)
            messages.success(request, text % {"n": gone})
        else:
            services.compromise_review(actor=request.user, compromise=self.compromise, queue=True)


class StoppedRelease(StoppedStep):
    def posted(self, request: HttpRequest) -> None:
        services.compromise_release(actor=request.user, compromise=self.compromise)
        text = _("%(login)s may send again. What was still held is on its way.")
        messages.success(request, text % {"login": self.compromise.login})
