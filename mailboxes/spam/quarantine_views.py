"""Pages about what is held back as spam: of a mailbox, for its user too, of a forwarder, and of a domain."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from accounts.access import Right, guard, may
from accounts.models import Domain
from lib.errors import Refused
from mailboxes.addresses.states import leads_of, role_addresses
from mailboxes.models import Alias, Mailbox, MailDomain
from mailboxes.spam import services
from mailboxes.spam.held import QuarantineForm, held, held_by_address, held_by_forwarders
from mailboxes.views.base import DomainPage
from mailboxes.views.either import EitherPage
from provision import asking
from provision.asking import NodeSilent


class _Quarantine:
    """``address``: whose mail is held back. ``lists_of``: on whose Allowlist a welcome sender comes."""

    request: HttpRequest
    domain: Domain
    mail_domain: MailDomain
    address = ""
    here = ""
    spam_url = ""
    lists_of: services.Owner

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        query = request.GET.get("q", "")[:200].replace("\x00", "").strip()
        try:
            mails, total = held(self.mail_domain.node, self.address, query)
            silent = ""
        except NodeSilent as error:
            mails, total, silent = [], 0, str(error)
        context = self.get_context_data(
            mails=mails, total=total, silent=silent, query=query, spam_url=self.spam_url, here=self.here,
            held_address=self.address,
        )  # fmt: skip
        return render(request, "mailboxes/spam/quarantine.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = QuarantineForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Tick at least one mail, and choose what shall happen to it."))
            return redirect(self.here)
        try:
            self.perform(form.cleaned_data)
        except NodeSilent as error:
            messages.error(request, str(error))
        except Refused as refused:
            messages.warning(request, refused.message)
        return redirect(self.here)

    def perform(self, chosen: dict[str, Any]) -> None:
        if chosen["do"] == "delete":
            result = self.ask("quarantine_delete", ids=chosen["ids"], learn=chosen["learn"])
            number = int(result["done"])
            text = ngettext("%(n)d mail is deleted.", "%(n)d mails are deleted.", number)
        else:
            text, number = self.release(chosen["ids"])
        messages.success(self.request, text % {"n": number})
        for sender in chosen["senders"] if chosen["do"] == "welcome" else ():
            services.entry_add(actor=self.request.user, owner=self.lists_of, kind="allow", sender=sender)

    def release(self, ids: list[str]) -> tuple[str, int]:
        """What happened, in words, and to how many."""
        number = int(self.ask("quarantine_release", ids=ids, learn=True)["done"])
        return ngettext("%(n)d mail is in the inbox.", "%(n)d mails are in the inbox.", number), number

    def ask(self, what: str, **args: Any) -> dict[str, Any]:
        answer: dict[str, Any] = asking.ask(self.mail_domain.node, what, address=self.address, **args)
        return answer


@method_decorator(never_cache, name="dispatch")
class QuarantinePage(_Quarantine, EitherPage):
    """What the node holds back for this mailbox, asked live."""

    tab = "quarantine"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.address, self.lists_of = self.mailbox.address, self.mailbox
        self.here, self.spam_url = self.url("quarantine"), self.url("spam")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return EitherPage.get_context_data(self, **kwargs)


@method_decorator(never_cache, name="dispatch")
class ForwarderQuarantine(_Quarantine, DomainPage):
    """What a forwarder did not send on. Released, it goes to those outside who said yes; those inside got it
    when it came."""

    right = Right.MANAGE

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        domain = self.domain
        self.address, self.lists_of = f"{kwargs['local']}@{domain.name}", self.mail_domain
        there = Alias.objects.visible_to(request.user).filter(address=self.address).exists()
        if not there and self.address not in role_addresses(self.mail_domain):
            raise Http404
        guard(request.user, [self.address], domain.account)
        self.here = reverse("forwarder-quarantine", args=[domain.name, kwargs["local"]])
        self.spam_url = reverse("domain-spam", args=[domain.name])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account, domain = self.domain.account, self.domain
        common = {
            "base_template": "mailboxes/addresses/base.html",
            "nav": "forwarders",
            "forwarder": True,
            "can_manage": may(self.request.user, Right.MANAGE, account=account, domain=domain),
        }
        return DomainPage.get_context_data(self, **common | kwargs)

    def release(self, ids: list[str]) -> tuple[str, int]:
        leads = leads_of(self.mail_domain, [self.address]).get(self.address)
        if leads is None or not leads.outside:
            text = _("%(address)s sends no mail on now: nobody outside has said yes. Nothing was done.")
            raise Refused(text % {"address": self.address})
        result = self.ask("quarantine_onward", ids=ids, targets=list(leads.outside), learn=True)
        number = int(result["done"])
        return ngettext("%(n)d mail is sent on.", "%(n)d mails are sent on.", number), number


@method_decorator(never_cache, name="dispatch")
class DomainQuarantinePage(DomainPage):
    """Which addresses of the domain hold mail back."""

    right = Right.MANAGE

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        boxes = Mailbox.objects.visible_to(request.user).present().filter(mail_domain=self.mail_domain)
        after, further = (request.GET.get(name, "")[:64].replace("\x00", "") for name in ("after", "further"))
        rows: list[tuple[str, str, int]] = []
        forwarders: list[tuple[str, str, int]] = []
        following = more = silent = ""
        try:
            if not further:
                rows, following = held_by_address(self.mail_domain.node, boxes, after)
            if not after:
                forwarders, more = held_by_forwarders(self.mail_domain, further)
        except NodeSilent as error:
            silent = str(error)
        context = self.get_context_data(
            rows=rows, forwarders=forwarders, following=following, more=more, silent=silent, nav="spam"
        )
        domain = self.domain
        context["can_manage"] = may(request.user, Right.MANAGE, account=domain.account, domain=domain)
        context["spam_url"] = reverse("domain-spam", args=[domain.name])
        return render(request, "mailboxes/spam/held.html", context)
