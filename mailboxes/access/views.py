"""App passwords, sender identities and protocols of one mailbox: for who looks after it, and for its user."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import Right
from accounts.suspension.inforce import suspension_of
from lib.errors import Denied, Refused
from mailboxes.access import services, told
from mailboxes.access.forms import PROTOCOL_WORDS, AppPasswordForm, IdentityForm, ProtocolsForm
from mailboxes.access.networks import networks_text
from mailboxes.access.selectors import identities_of, login_key, passwords_of
from mailboxes.models import AppPassword, Identity
from mailboxes.views.either import EitherPage
from provision.selectors import statuses

SHORT = {"imap": "IMAP", "pop3": "POP3", "smtp": "SMTP", "sieve": "ManageSieve"}


class AccessPage(EitherPage):
    """``form_class`` shown and taken; ``perform`` calls the service."""

    template_name = ""
    form_class: Any = None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(self.form_class(initial=self.initial()) if self.form_class else None)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.POST)
        if form.is_valid():
            try:
                return self.perform(form)
            except Refused as refused:
                form.refuse(refused)
        return self.page(form)

    def initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> HttpResponse:
        raise NotImplementedError

    def page(self, form: Any = None, **more: Any) -> HttpResponse:
        return render(self.request, self.template_name, self.get_context_data(form=form, **more))


class AppPasswords(AccessPage):
    http_method_names = ["get", "head"]
    right = Right.MAKE
    tab = "app-passwords"
    template_name = "mailboxes/access/passwords.html"

    def page(self, form: Any = None, **more: Any) -> HttpResponse:
        rows = list(passwords_of(self.mailbox))
        known = statuses([login_key(self.mailbox.address, row.key) for row in rows])
        shown = [
            {
                "row": row,
                "status": known[login_key(self.mailbox.address, row.key)],
                "words": [SHORT[name] for name in on_of(row)],
                "from_where": networks_text(row.networks),
                "revoke_url": self.url("app-password-revoke", row.pk),
            }
            for row in rows
        ]
        return super().page(rows=shown, new_url=self.url("app-password-new"))


def on_of(row: Any) -> list[str]:
    return [name for name in services.PROTOCOLS if getattr(row, name)]


@method_decorator(never_cache, name="dispatch")
class AppPasswordNew(AccessPage):
    """The answer to a POST is the one page that shows the password."""

    right = Right.MAKE
    tab = "app-passwords"
    template_name = "mailboxes/access/password_new.html"
    form_class = AppPasswordForm

    def initial(self) -> dict[str, Any]:
        return {"protocols": ["imap", "smtp"]}

    def perform(self, form: Any) -> HttpResponse:
        row, password = services.app_password_create(
            actor=self.request.user, mailbox=self.mailbox, **form.cleaned_data
        )
        self.template_name = "mailboxes/access/password_made.html"
        offered = told.servers(self.domain, self.mailbox.address)
        used = [one for one in offered if getattr(row, one.protocol.lower())]
        key = login_key(self.mailbox.address, row.key)
        return self.page(
            row=row, password=password, servers=used, status=statuses([key])[key], back=self.back()
        )

    def page(self, form: Any = None, **more: Any) -> HttpResponse:
        return super().page(form, list_url=self.back(), **more)

    def back(self) -> str:
        return self.url("app-passwords")


class AppPasswordRevoke(AccessPage):
    right = Right.MAKE
    tab = "app-passwords"
    template_name = "mailboxes/access/confirm.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.row = get_object_or_404(AppPassword, mailbox=self.mailbox.pk, pk=kwargs["app"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        title = _("Revoke “%(label)s”?") % {"label": self.row.label}
        lost = _(
            "The device or program that uses it is signed out at once and can sign in no more until it is"
            " given another password. Mail stays."
        )
        return self.page(title=title, lost=lost, action=_("Revoke it"), cancel=self.url("app-passwords"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        services.app_password_revoke(actor=request.user, mailbox=self.mailbox, password=self.row)
        messages.success(request, _("“%(label)s” is revoked.") % {"label": self.row.label})
        return redirect(self.url("app-passwords"))


class Identities(AccessPage):
    tab = "identities"
    template_name = "mailboxes/access/identities.html"
    form_class = IdentityForm

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.own:
            raise Denied(_("Who looks after your domain can add addresses here. Ask them."))
        return super().post(request, **kwargs)

    def perform(self, form: Any) -> HttpResponse:
        row = services.identity_add(
            actor=self.request.user, mailbox=self.mailbox, address=form.cleaned_data["address"]
        )
        messages.success(
            self.request,
            _("%(mailbox)s may send as %(address)s.") % {"mailbox": self.mailbox, "address": row.address},
        )
        return redirect(self.url("identities"))

    def page(self, form: Any = None, **more: Any) -> HttpResponse:
        return super().page(None if self.own else form, rows=list(identities_of(self.mailbox)), **more)


class IdentityRemove(AccessPage):
    tab = "identities"
    http_method_names = ["post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.row = get_object_or_404(Identity, mailbox=self.mailbox.pk, pk=kwargs["identity"])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.own:
            raise Denied(_("Who looks after your domain can remove addresses here. Ask them."))
        row = self.row
        services.identity_remove(actor=request.user, mailbox=self.mailbox, identity=row)
        text = _("%(mailbox)s may no longer send as %(address)s.")
        messages.success(request, text % {"mailbox": self.mailbox, "address": row.address})
        return redirect(self.url("identities"))


class Protocols(AccessPage):
    tab = "protocols"
    template_name = "mailboxes/access/protocols.html"
    form_class = ProtocolsForm

    def initial(self) -> dict[str, Any]:
        return {"protocols": on_of(self.mailbox)}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.own:
            raise Denied(_("Who looks after your domain can change this. Ask them."))
        return super().post(request, **kwargs)

    def perform(self, form: Any) -> HttpResponse:
        services.protocols_set(
            actor=self.request.user, mailbox=self.mailbox, protocols=form.cleaned_data["protocols"]
        )
        messages.success(self.request, _("Saved. What was switched off is signed out."))
        return redirect(self.url("protocols"))

    def page(self, form: Any = None, **more: Any) -> HttpResponse:
        rows = [(words, name in on_of(self.mailbox)) for name, words in PROTOCOL_WORDS.items()]
        levels = suspension_of(self.mailbox)
        return super().page(None if self.own else form, rows=rows, levels=levels, **more)
