"""The pages of what holds for the whole domain: the catch-all, postmaster@, and domains that are aliases."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Right, domains_where, protects_domain
from lib.errors import Refused
from mailboxes.addresses import domains
from mailboxes.addresses.forms import DELIVER, REFUSE, CatchAllForm, ContactForm, DomainAliasForm
from mailboxes.addresses.states import catch_all_now, role_addresses, role_target, takes_all
from mailboxes.addresses.views import AddressPage
from mailboxes.models import Alias, Mailbox, MailDomain, RoleContact
from mailboxes.services.wanted import mail_domain_wanted
from provision.selectors import statuses


class CatchAllPage(AddressPage):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(None, None)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "contact" in request.POST:
            return self.contact(request)
        form = CatchAllForm(request.POST)
        if form.is_valid():
            try:
                domains.catch_all_set(
                    actor=request.user,
                    mail_domain=self.mail_domain,
                    catch_all=form.cleaned_data["catch_all"],
                    plus=form.cleaned_data["plus"],
                )
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(request, _("Saved."))
                return redirect("catch-all", self.domain.name)
        return self.page(form, None)

    def contact(self, request: HttpRequest) -> HttpResponse:
        form = ContactForm(request.POST)
        if form.is_valid():
            try:
                domains.contact_set(
                    actor=request.user, mail_domain=self.mail_domain, address=form.cleaned_data["address"]
                )
            except Refused as refused:
                refused.field = "address"
                form.refuse(refused)
            else:
                messages.success(request, _("Saved."))
                return redirect("catch-all", self.domain.name)
        return self.page(None, form)

    def page(self, form: CatchAllForm | None, contact: ContactForm | None) -> HttpResponse:
        now = self.mail_domain.catch_all
        mode = DELIVER if "@" in now else now or REFUSE
        first = {"mode": mode, "catch_all": now if mode == DELIVER else "", "plus": self.mail_domain.plus}
        chosen = RoleContact.objects.filter(mail_domain=self.mail_domain).first()
        key = mail_domain_wanted(self.mail_domain).key
        context = self.get_context_data(
            nav="catch-all",
            form=form or CatchAllForm(initial=first),
            contact_form=contact or ContactForm(initial={"address": chosen.address if chosen else ""}),
            takes_all=takes_all(self.domain.account),
            idle=bool(now) and not catch_all_now(self.mail_domain),
            chosen=chosen,
            roles=self.roles(),
            status=statuses([key])[key],
        )
        return render(self.request, "mailboxes/addresses/catch_all.html", context)

    def roles(self) -> list[dict[str, Any]]:
        """Who gets each of these today, and by what."""
        addresses = role_addresses(self.mail_domain)
        boxes = Mailbox.objects.present().filter(address__in=addresses)
        own = set(boxes.values_list("address", flat=True))
        aliases = dict(Alias.objects.filter(address__in=addresses).values_list("address", "local"))
        to = role_target(self.mail_domain)[0]
        return [
            {"address": one, "mailbox": one in own, "alias": aliases.get(one, ""), "to": to}
            for one in addresses
        ]


class DomainAliases(AddressPage):
    """The domain as an alias of another, and others as aliases of it."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(DomainAliasForm(targets=self.targets()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        undo = "undo" in request.POST
        form = DomainAliasForm(request.POST, targets=self.targets())
        if undo or form.is_valid():
            target = None if undo else form.cleaned_data["target"]
            try:
                domains.domain_alias_set(actor=request.user, mail_domain=self.mail_domain, target=target)
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(request, _("Saved."))
                return redirect("domain-aliases", self.domain.name)
        return self.page(form)

    def targets(self) -> Any:
        mine = domains_where(self.request.user, Right.MANAGE).filter(account=self.domain.account)
        # Those on other nodes, too: whoever chooses one hears why it cannot be.
        rows = MailDomain.objects.filter(domain__in=mine, alias_of=None)
        rows = rows.exclude(pk=self.mail_domain.pk).select_related("domain", "node")
        return rows.order_by("domain__name")

    def page(self, form: DomainAliasForm) -> HttpResponse:
        key = mail_domain_wanted(self.mail_domain).key
        aliased = MailDomain.objects.filter(alias_of=self.mail_domain).select_related("domain")
        context = self.get_context_data(
            nav="domain-aliases",
            form=form,
            aliased=list(aliased.order_by("domain__name")[:200]),
            target=self.mail_domain.alias_of,
            key_of=protects_domain(self.request.user, self.domain),
            boxes=Mailbox.objects.present().filter(mail_domain=self.mail_domain).exists(),
            status=statuses([key])[key],
        )
        return render(self.request, "mailboxes/addresses/domain_aliases.html", context)
