"""All mailboxes of a domain: the list, a new one, one change of many."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import Right, guard, may
from accounts.suspension.form import SuspendForm
from lib.errors import Refused
from lib.passwords import generate_password, strength
from mailboxes import services
from mailboxes.forms import BulkForm, ListForm, MailboxForm
from mailboxes.listing import ListQuery, listing
from mailboxes.models import GRACE, Mailbox
from mailboxes.selectors import deleted_of, room_of
from mailboxes.sizes import written
from mailboxes.views.base import DomainPage

DELETED_SHOWN = 200
USUAL_MB = (2048, 1024, 512, 256)


class MailboxList(DomainPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ListForm(request.GET)
        form.is_valid()
        query = ListQuery.of(form.cleaned_data)
        context = self.get_context_data(
            form=form,
            listing=listing(self.mail_domain, query),
            by={column: query.sorted_by(column) for column in ("address", "used")},
            room=room_of(self.domain.account, self.mail_domain),
            deleted=self.deleted(),
            deleted_shown=DELETED_SHOWN,
        )
        return render(request, "mailboxes/list.html", context)

    def deleted(self) -> list[Mailbox]:
        """For whoever may bring them back."""
        domain = self.domain
        if not may(self.request.user, Right.MANAGE, account=domain.account, domain=domain):
            return []
        return list(deleted_of(self.mail_domain)[:DELETED_SHOWN])


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class MailboxNew(DomainPage):
    """``another`` in the form makes another password and keeps what was typed."""

    right = Right.MAKE

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        free_mb = room_of(self.domain.account).largest_mb
        quota_mb = next((mb for mb in USUAL_MB if mb <= free_mb), USUAL_MB[0])
        local = request.GET.get("local", "")[:64].replace("\x00", "")
        first = {"password": generate_password(), "quota_mb": written(quota_mb), "local": local}
        return self.page(MailboxForm(domain=self.domain.name, initial=first))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "another" in request.POST:
            typed = {name: request.POST.get(name, "") for name in ("local", "quota_mb", "welcome")}
            return self.page(
                MailboxForm(domain=self.domain.name, initial=typed | {"password": generate_password()})
            )
        form = MailboxForm(request.POST, domain=self.domain.name)
        if not form.is_valid():
            return self.page(form)
        try:
            mailbox = services.mailbox_create(
                actor=request.user, mail_domain=self.mail_domain, **form.cleaned_data
            )
        except Refused as refused:
            form.refuse(refused)
            return self.page(form)
        messages.success(
            request, _("%(address)s is made. Its password is not shown again.") % {"address": mailbox.address}
        )
        return redirect("mailbox", self.domain.name, mailbox.local)

    def page(self, form: MailboxForm) -> HttpResponse:
        word = strength(form["password"].value() or "")
        context = self.get_context_data(form=form, strength=word, room=room_of(self.domain.account))
        return render(self.request, "mailboxes/new.html", context)


class MailboxBulk(DomainPage):
    """The list posts what is ticked; the page that asks posts it again with ``sure``."""

    right = Right.MANAGE

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return redirect("mailboxes", self.domain.name)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        mailboxes = Mailbox.objects.visible_to(request.user).present().filter(mail_domain=self.mail_domain)
        form = BulkForm(request.POST, mailboxes=mailboxes.order_by("address"))
        if not form.is_valid():
            messages.error(
                request, " ".join(str(error) for errors in form.errors.values() for error in errors)
            )
            return redirect("mailboxes", self.domain.name)
        action, chosen = form.cleaned_data["action"], list(form.cleaned_data["chosen"])
        guard(request.user, [mailbox.address for mailbox in chosen], self.domain.account)
        stops = SuspendForm(request.POST if "sure" in request.POST else None)
        if "sure" not in request.POST or (action == "suspend" and not stops.is_valid()):
            return self.ask(action, chosen, stops)
        rows = self.perform(action, chosen, stops)
        messages.success(request, self.done(action, len(rows)))
        return redirect("mailboxes", self.domain.name)

    def ask(self, action: str, chosen: list[Mailbox], stops: SuspendForm) -> HttpResponse:
        context = self.get_context_data(
            action=action,
            chosen=chosen,
            form=stops if action == "suspend" else None,
            used_mb=sum(mailbox.used_mb for mailbox in chosen),
            messages_count=sum(mailbox.messages for mailbox in chosen),
            grace_days=GRACE.days,
        )
        return render(self.request, "mailboxes/bulk.html", context)

    def perform(self, action: str, chosen: list[Mailbox], stops: SuspendForm) -> list[Mailbox]:
        actor = self.request.user
        if action == "suspend":
            return services.mailboxes_suspend(actor=actor, mailboxes=chosen, **stops.cleaned_data)
        if action == "resume":
            return services.mailboxes_resume(actor=actor, mailboxes=chosen)
        return services.mailboxes_delete(actor=actor, mailboxes=chosen)

    @staticmethod
    def done(action: str, number: int) -> str:
        if not number:
            return _("Nothing was changed: it was so already.")
        texts = {
            "suspend": ngettext("%(n)d mailbox is suspended.", "%(n)d mailboxes are suspended.", number),
            "resume": ngettext("%(n)d mailbox works again.", "%(n)d mailboxes work again.", number),
            "delete": ngettext(
                "%(n)d mailbox is deleted. You can bring it back for %(days)d days.",
                "%(n)d mailboxes are deleted. You can bring them back for %(days)d days.",
                number,
            ),
        }
        return texts[action] % {"n": number, "days": GRACE.days}
