"""The pages of forwarders: the list, one of them, a mailbox's own forwarding, and the page behind the link
that an address outside gets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import Right, guard, may
from lib.errors import Refused
from mailboxes.addresses import services
from mailboxes.addresses.consent import consent_give, consent_of, consent_refuse, consent_resend
from mailboxes.addresses.forms import AliasForm, BulkForm, ForwardingForm, ListForm, TargetsForm
from mailboxes.addresses.listing import Query, listing, rows_of, targets_by
from mailboxes.addresses.states import forwards
from mailboxes.models import Alias, Consent, Forwarding
from mailboxes.views.base import DomainPage
from mailboxes.views.either import EitherPage


class AddressPage(DomainPage):
    right = Right.MANAGE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account = self.domain.account
        common = {
            "nav": "forwarders",
            "mail_domain": self.mail_domain,
            "forwards": forwards(account),
            "can_manage": may(self.request.user, Right.MANAGE, account=account, domain=self.domain),
        }
        return super().get_context_data(**common | kwargs)


class AliasList(AddressPage):
    right = Right.SETTINGS
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ListForm(request.GET)
        form.is_valid()
        found = listing(self.mail_domain, Query.of(form.cleaned_data))
        any_here = bool(found.rows) or Alias.objects.filter(mail_domain=self.mail_domain).exists()
        context = self.get_context_data(form=form, listing=found, any_here=any_here)
        return render(request, "mailboxes/addresses/list.html", context)


class AliasNew(AddressPage):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(AliasForm(domain=self.domain.name))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = AliasForm(request.POST, domain=self.domain.name)
        if form.is_valid():
            try:
                alias = services.alias_create(
                    actor=request.user, mail_domain=self.mail_domain, **form.cleaned_data
                )
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(request, _("%(address)s is made.") % {"address": alias.address})
                return redirect("forwarder", self.domain.name, alias.local)
        return self.page(form)

    def page(self, form: AliasForm) -> HttpResponse:
        return render(self.request, "mailboxes/addresses/new.html", self.get_context_data(form=form))


class AliasBulk(AddressPage):
    """The list posts what is ticked; the page that asks posts it again with ``sure``."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return redirect("forwarders", self.domain.name)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        mine = Alias.objects.visible_to(request.user).filter(mail_domain=self.mail_domain)
        form = BulkForm(request.POST, aliases=mine.order_by("address"))
        if not form.is_valid():
            messages.error(request, " ".join(str(one) for some in form.errors.values() for one in some))
            return redirect("forwarders", self.domain.name)
        chosen = list(form.cleaned_data["chosen"])
        guard(request.user, [alias.address for alias in chosen], self.domain.account)
        if "sure" not in request.POST:
            context = self.get_context_data(chosen=chosen)
            return render(request, "mailboxes/addresses/delete.html", context)
        number = services.aliases_delete(actor=request.user, mail_domain=self.mail_domain, aliases=chosen)
        text = ngettext("%(n)d forwarder is deleted.", "%(n)d forwarders are deleted.", number)
        messages.success(request, text % {"n": number})
        return redirect("forwarders", self.domain.name)


class OneAlias(AddressPage):
    alias: Alias

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = Alias.objects.visible_to(request.user).filter(mail_domain=self.mail_domain)
        self.alias = get_object_or_404(rows, local=kwargs["local"])
        self.alias.mail_domain = self.mail_domain
        guard(request.user, [self.alias.address], self.domain.account)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(alias=self.alias, **kwargs)


class AliasPage(OneAlias):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(TargetsForm(initial={"targets": "\n".join(self.alias.targets)}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = TargetsForm(request.POST)
        if form.is_valid():
            try:
                services.alias_set(actor=request.user, alias=self.alias, **form.cleaned_data)
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(request, _("Saved."))
                return redirect("forwarder", self.domain.name, self.alias.local)
        return self.page(form)

    def page(self, form: TargetsForm) -> HttpResponse:
        row = rows_of(self.mail_domain, [self.alias])[0]
        return render(self.request, "mailboxes/addresses/one.html", self.get_context_data(form=form, row=row))


class AliasDelete(OneAlias):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(chosen=[self.alias])
        return render(request, "mailboxes/addresses/delete.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        services.aliases_delete(actor=request.user, mail_domain=self.mail_domain, aliases=[self.alias])
        text = _("%(address)s is deleted. Mail to it is refused from now on.")
        messages.success(request, text % {"address": self.alias.address})
        return redirect("forwarders", self.domain.name)


class AliasAsk(OneAlias):
    """Ask a target once more."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        _ask_again(request, self.alias.address)
        return redirect("forwarder", self.domain.name, self.alias.local)


def _ask_again(request: HttpRequest, source: str) -> None:
    key = request.POST.get("consent", "")
    row = Consent.objects.filter(
        source=source, pk=int(key) if key.isascii() and key.isdecimal() and len(key) < 18 else 0
    )
    consent = row.select_related("mail_domain__domain__account__reseller").first()
    if consent is None:
        raise Http404
    try:
        consent_resend(consent=consent)
    except Refused as refused:
        messages.info(request, refused.message)
    else:
        messages.success(request, _("Sent again. The older link no longer works."))


class MailboxForwarding(EitherPage):
    tab = "forwarding"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = Forwarding.objects.filter(mailbox=self.mailbox).first()
        initial = {"targets": "\n".join(row.targets) if row else "", "keep": row.keep if row else True}
        return self.page(ForwardingForm(initial=initial), row)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "consent" in request.POST:
            _ask_again(request, self.mailbox.address)
            return redirect(self.url("forwarding"))
        form = ForwardingForm(request.POST)
        if form.is_valid():
            try:
                services.forwarding_set(actor=request.user, mailbox=self.mailbox, **form.cleaned_data)
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(request, _("Saved."))
                return redirect(self.url("forwarding"))
        return self.page(form, Forwarding.objects.filter(mailbox=self.mailbox).first())

    def page(self, form: ForwardingForm, row: Forwarding | None) -> HttpResponse:
        source = self.mailbox.address
        targets = targets_by(self.mail_domain, {source: row.targets})[source] if row else []
        context = self.get_context_data(
            form=form,
            row=row,
            targets=targets,
            works=any(one.state in {"inside", "confirmed"} for one in targets),
            forwards=forwards(self.domain.account),
            page_url=self.url("forwarding"),
        )
        return render(self.request, "mailboxes/addresses/forwarding.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """For whoever has the link; signed in or not. Nothing happens before the button is pressed."""
    consent = consent_of(token)
    if consent is None:
        return render(request, "mailboxes/addresses/confirm.html", {"state": "void"}, status=404)
    state = "done" if consent.confirmed_at else "asks"
    if request.method == "POST":
        if "no" in request.POST:
            consent_refuse(consent=consent)
            state = "refused"
        else:
            consent_give(consent=consent)
            state = "done"
    return render(request, "mailboxes/addresses/confirm.html", {"consent": consent, "state": state})
