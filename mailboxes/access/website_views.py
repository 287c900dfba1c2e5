"""Sign-ins of a domain's websites."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import Right
from lib.errors import Refused
from mailboxes.access import told, websites
from mailboxes.access.forms import TestMailForm, WebsiteForm, WebsiteLimitsForm, WebsiteSendersForm
from mailboxes.access.networks import networks_text
from mailboxes.access.selectors import login_key, websites_of
from mailboxes.access.testing import test_mail
from mailboxes.models import WebsiteSender
from mailboxes.sending.selectors import use_of
from mailboxes.views.base import DomainPage
from provision.selectors import statuses


class WebsitesPage(DomainPage):
    right = Right.MANAGE
    template_name = ""

    def page(self, **more: Any) -> HttpResponse:
        return render(self.request, self.template_name, self.get_context_data(nav="websites", **more))


class Websites(WebsitesPage):
    http_method_names = ["get", "head"]
    template_name = "mailboxes/access/websites.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rows = list(websites_of(self.mail_domain))
        known = statuses([login_key(row.login, row.key) for row in rows])
        for row in rows:
            row.status = known[login_key(row.login, row.key)]  # type: ignore[attr-defined]  # for the template
        return self.page(rows=rows)


@method_decorator(never_cache, name="dispatch")
class WebsiteNew(WebsitesPage):
    template_name = "mailboxes/access/website_new.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        sender = f"no-reply@{self.domain.name}"
        return self.page(form=WebsiteForm(initial={"sender": sender}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = WebsiteForm(request.POST)
        if form.is_valid():
            try:
                row, password = websites.website_create(
                    actor=request.user, mail_domain=self.mail_domain, **form.cleaned_data
                )
            except Refused as refused:
                form.refuse(refused)
            else:
                return shown(self, row, password)
        return self.page(form=form)


def shown(page: WebsitesPage, row: WebsiteSender, password: str) -> HttpResponse:
    """The one page that shows the password, with the guides."""
    page.template_name = "mailboxes/access/website_made.html"
    return page.page(website=row, password=password, **guide(page, row))


def guide(page: WebsitesPage, row: WebsiteSender) -> dict[str, Any]:
    """What its guides are filled in with."""
    offered = [one for one in told.servers(page.domain, row.login) if one.protocol == "SMTP"]
    key = login_key(row.login, row.key)
    senders = [one.address for one in row.identities.order_by("pk")]
    return {
        "server": offered[0] if offered else None,
        "senders": senders,
        "sender": senders[0] if senders else row.login,
        "status": statuses([key])[key],
        "test_form": TestMailForm(initial={"to": getattr(page.request.user, "email", "")}),
    }


class WebsitePage(WebsitesPage):
    """One that is this domain's; a stranger's is not there."""

    template_name = "mailboxes/access/website.html"
    website: WebsiteSender

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = WebsiteSender.objects.visible_to(request.user).select_related(
            "mail_domain__domain__account__reseller", "mail_domain__node"
        )
        self.website = get_object_or_404(rows, mail_domain=self.mail_domain, pk=kwargs["website"])

    def page(self, **more: Any) -> HttpResponse:
        row = self.website
        known = guide(self, row) | {"website": row, "from_where": networks_text(row.networks)}
        return super().page(**known | more)

    def here(self) -> HttpResponse:
        return redirect(reverse("website", args=[self.domain.name, self.website.pk]))


class Website(WebsitePage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(use=use_of(self.mail_domain, self.website.login))


class WebsiteChange(WebsitePage):
    template_name = "mailboxes/access/website_change.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = self.website
        first: dict[str, Any] = {"label": row.label, "networks": networks_text(row.networks)}
        first |= {"mails_hour": row.mails_hour, "mails_day": row.mails_day}
        return self.page(form=WebsiteLimitsForm(initial=first), senders_form=self._senders())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = WebsiteLimitsForm(request.POST)
        senders = WebsiteSendersForm(request.POST)
        if form.is_valid() and senders.is_valid():
            try:
                websites.website_senders_set(
                    actor=request.user, website=self.website, addresses=senders.cleaned_data["senders"]
                )
                websites.website_change(actor=request.user, website=self.website, **form.cleaned_data)
            except Refused as refused:
                (senders if refused.field == "senders" else form).refuse(refused)
            else:
                messages.success(request, _("Saved."))
                return self.here()
        return self.page(form=form, senders_form=senders)

    def _senders(self) -> WebsiteSendersForm:
        addresses = self.website.identities.order_by("pk").values_list("address", flat=True)
        return WebsiteSendersForm(initial={"senders": "\n".join(addresses)})


@method_decorator(never_cache, name="dispatch")
class WebsiteRenew(WebsitePage):
    template_name = "mailboxes/access/website_confirm.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        title = _("Make a new password for “%(label)s”?") % {"label": self.website.label}
        lost = _(
            "The one it has works no longer, at once. The website sends nothing until it is given the new"
            " one."
        )
        return self.page(title=title, lost=lost, action=_("Make a new password"), action_icon="refresh")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row, password = websites.website_renew(actor=request.user, website=self.website)
        self.website = row
        return shown(self, row, password)


class WebsiteRevoke(WebsitePage):
    template_name = "mailboxes/access/website_confirm.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        title = _("Revoke “%(label)s”?") % {"label": self.website.label}
        lost = _("The website can send no more, at once. What it handed in before still goes out.")
        return self.page(title=title, lost=lost, action=_("Revoke it"), action_icon="trash")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        websites.website_revoke(actor=request.user, website=self.website)
        messages.success(request, _("“%(label)s” is revoked.") % {"label": self.website.label})
        return redirect("websites", self.domain.name)


class WebsiteTest(WebsitePage):
    """Sends at a POST; the answer says what happened, step by step."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = TestMailForm(request.POST)
        outcome = None
        if form.is_valid():
            outcome = test_mail(actor=request.user, website=self.website, to=form.cleaned_data["to"])
        return self.page(test_form=form, outcome=outcome)
