"""“Hand it over”: for who looks after the mailbox, and for its own user."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import Right, may
from accounts.branding.select import logo_bytes
from guides.handing import services
from guides.handing.forms import SendForm, ShareForm
from guides.handing.selectors import brand_of_domain, shared_of
from guides.handing.sheet import Face, sheet, steps_in_words
from guides.models import ShareLink
from guides.views.base import ConnectPage
from lib.errors import Refused
from lib.languages import first_known


class HandPage(ConnectPage):
    http_method_names = ["get", "head", "post"]

    def page(self, share: ShareForm | None = None, send: SendForm | None = None) -> HttpResponse:
        domain, user = self.domain, self.request.user
        hands = bool(self.own) or may(user, Right.MANAGE, account=domain.account, domain=domain)
        context = self.get_context_data(
            shared=shared_of(self.mailbox),
            share_form=share or ShareForm(),
            send_form=send or SendForm(initial={"language": first_known(get_language())}),
            may_hand=hands,
            share_url=self.url("connect-share"),
            send_url=self.url("connect-send"),
            end_url=self.url("connect-share-end"),
            sheet_url=self.url("connect-sheet"),
            most=services.MOST_LIVING,
        )
        return render(self.request, "guides/handing/page.html", context)

    def done(self, text: str) -> HttpResponse:
        messages.success(self.request, text)
        return redirect(self.url("connect-hand"))


@method_decorator(never_cache, name="dispatch")
class Hand(HandPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page()


@method_decorator(never_cache, name="dispatch")
class Share(HandPage):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ShareForm(request.POST)
        if not form.is_valid():
            return self.page(share=form)
        try:
            services.share_make(actor=request.user, mailbox=self.mailbox, days=form.cleaned_data["days"])
        except Refused as refused:
            form.refuse(refused)
            return self.page(share=form)
        return self.done(_("The link is made. Copy it from the list."))


class ShareEnd(HandPage):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        key = request.POST.get("share", "")
        if not (key.isascii() and key.isdigit() and len(key) < 18):
            raise Http404
        share = get_object_or_404(ShareLink, mailbox_id=self.mailbox.pk, pk=int(key))
        services.share_end(actor=request.user, mailbox=self.mailbox, share=share)
        return self.done(_("The link no longer works."))


@method_decorator(never_cache, name="dispatch")
class Send(HandPage):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = SendForm(request.POST)
        if not form.is_valid():
            return self.page(send=form)
        try:
            services.settings_send(actor=request.user, mailbox=self.mailbox, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
            return self.page(send=form)
        return self.done(_("The mail to %(to)s is on its way.") % {"to": form.cleaned_data["to"]})


class SheetPage(ConnectPage):
    def face(self) -> Face:
        brand = brand_of_domain(self.domain.account)
        if brand is None:
            return Face(name=settings.PROVIDER_NAME, support="", url=settings.PANEL_URL, logo=None)
        return Face(
            name=brand.name,
            support=brand.support_email or brand.support_url,
            url=brand.url,
            logo=logo_bytes(brand.logo),
        )


@method_decorator(never_cache, name="dispatch")
class Sheet(SheetPage):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(
            face=self.face(),
            steps=steps_in_words(),
            pdf_url=self.url("connect-sheet-pdf"),
            hand_url=self.url("connect-hand"),
        )
        return render(request, "guides/handing/sheet.html", context)


@method_decorator(never_cache, name="dispatch")
class SheetPdf(SheetPage):
    """``?paper=letter``: for printers in North America; else A4."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        paper = "letter" if request.GET.get("paper") == "letter" else "a4"
        body = sheet(self.config, self.face(), paper=paper)
        name = f"{self.mailbox.local}-{self.domain.name}.pdf"
        safe = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in name)
        return HttpResponse(
            body,
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{safe}"'},
        )
