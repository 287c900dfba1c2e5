"""Storage of one mailbox, for who looks after it and for its user; and of a domain."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import Right, may
from lib.errors import Refused
from mailboxes.selectors import domain_tallies
from mailboxes.services.rights import own_or_allowed
from mailboxes.storage import services
from mailboxes.storage.forms import CleanForm
from mailboxes.storage.selectors import clean_up_last, domain_chart, fullest, mailbox_chart
from mailboxes.views.base import DomainPage
from mailboxes.views.either import EitherPage
from provision import asking
from provision.asking import NodeSilent


@method_decorator(never_cache, name="dispatch")
class StoragePage(EitherPage):
    """``may_clean``: its own user, or who manages the domain and stands above whoever the address is a key
    of."""

    right = Right.LOOK
    tab = "storage"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(CleanForm(initial={"what": "trash", "days": 365, "over_mb": 10, "for_good": "0"}))

    def page(self, form: CleanForm, status: int = 200) -> HttpResponse:
        context = self.get_context_data(form=form, chart=mailbox_chart(self.mailbox))
        context["may_clean"] = bool(self.own) or (self._manages() and not context["key_of"])
        context["last"] = clean_up_last(self.mailbox) if context["may_clean"] else None
        context |= {
            "page_url": self.url("storage"),
            "largest_url": self.url("storage-largest"),
            "sender_url": self.url("storage-sender"),
            "clean_url": self.url("storage-clean"),
        }
        return render(self.request, "mailboxes/storage/page.html", context, status=status)

    def _manages(self) -> bool:
        return may(self.request.user, Right.MANAGE, account=self.domain.account, domain=self.domain)


class Asking(StoragePage):
    """A part of the page that waits for the node; without JavaScript a page of its own."""

    template = ""
    what = ""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(part=self.template, page_url=self.url("storage"))
        try:
            context["found"] = asking.ask(self.mail_domain.node, self.what, address=self.mailbox.address)
        except NodeSilent as silent:
            context["silent"] = str(silent)
        whole = not getattr(request, "htmx", False)
        return render(request, "mailboxes/storage/part.html" if whole else self.template, context)


class StorageLargest(Asking):
    right = Right.MANAGE
    template = "mailboxes/storage/largest.html"
    what = "storage"


class StorageSender(Asking):
    template = "mailboxes/storage/sender.html"
    what = "storage_refusal"


class StorageClean(StoragePage):
    """GET with a choice shows what goes; POST of what was shown starts it."""

    right = Right.MANAGE
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "folders" in request.GET:
            return self.folders()
        form = CleanForm(request.GET)
        if not form.is_valid():
            return self.page(form)
        choice = form.choice()
        context = self.get_context_data(choice=choice, page_url=self.url("storage"))
        try:
            context["preview"] = services.clean_up_preview(
                actor=self.own or request.user, mailbox=self.mailbox, choice=choice
            )
        except NodeSilent as silent:
            context["silent"] = str(silent)
        return render(request, "mailboxes/storage/preview.html", context)

    def folders(self) -> HttpResponse:
        """The form's field with the folders that are there now."""
        form = CleanForm()
        try:
            own_or_allowed(self.own or self.request.user, Right.MANAGE, self.mailbox)
            names = asking.ask(self.mail_domain.node, "storage_folders", address=self.mailbox.address)
            form.folders_known([str(name) for name in names])
        except NodeSilent:
            pass  # it can be typed
        return render(self.request, "mailboxes/storage/folder.html", {"form": form})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        token = request.POST.get("token", "")
        try:
            services.clean_up_start(actor=self.own or request.user, mailbox=self.mailbox, token=token)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, _("The clean-up has begun. You can leave this page."))
        return redirect(self.url("storage"))


class DomainStorage(DomainPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(
            nav="storage",
            chart=domain_chart(self.mail_domain),
            fullest=fullest(self.mail_domain),
            tally=domain_tallies([self.domain.pk])[self.domain.pk],
        )
        return render(request, "mailboxes/storage/domain.html", context)
