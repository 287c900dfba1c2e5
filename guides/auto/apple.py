"""Profiles for Apple's Mail: for everybody without a password; with one for its owner, who asks for it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from guides.auto import profiles
from guides.auto.asked import offer_or_404
from guides.auto.offers import Offer, offer_for
from guides.auto.typed import address_of
from guides.auto.views import for_programs, in_languages
from guides.clientconfig import Protocol
from lib.errors import Refused
from mailboxes.access.services import PROTOCOLS, app_password_create
from mailboxes.forms import ServiceForm
from mailboxes.models.access import LABEL_MOST
from mailboxes.views.either import EitherPage

logger = logging.getLogger(__name__)

BY_WORD = {"imap": Protocol.IMAP, "pop3": Protocol.POP3}


@for_programs
@require_safe
def profile_file(request: HttpRequest) -> HttpResponse:
    """``?address=``, ``&protocol=pop3``. No secret is in it: the device asks for the password."""
    typed = address_of(request.GET.get("address", ""))
    protocol = BY_WORD.get(request.GET.get("protocol", "imap").lower(), Protocol.IMAP)
    return download(offer_or_404(request, typed), protocol)


@sensitive_variables("password", "document")
def download(offer: Offer, protocol: Protocol, password: str = "") -> HttpResponse:
    """Raises Http404 where this protocol is not offered."""
    document = profiles.profile(
        offer,
        protocol=protocol,
        description=_description(bool(password)),
        consent={"default": _consent(), **in_languages(_consent)},
        password=password,
    )
    if document is None:
        raise Http404
    response = HttpResponse(_signed(document), content_type=profiles.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{offer.address}.mobileconfig"'
    response["Cache-Control"] = "no-store"
    return response


def _signed(document: bytes) -> bytes:
    """Without a key, or with files that are none, the profile is as good; the device says "Not signed"."""
    if not (settings.PROFILE_SIGNING_CERT and settings.PROFILE_SIGNING_KEY):
        return document
    try:
        certificate, key = Path(settings.PROFILE_SIGNING_CERT), Path(settings.PROFILE_SIGNING_KEY)
        return profiles.signed(document, certificate, key)
    except (OSError, ValueError):
        logger.exception("profiles go out unsigned: PROFILE_SIGNING_CERT and PROFILE_SIGNING_KEY do not fit")
        return document


def _description(with_password: bool) -> str:
    if with_password:
        return _("Sets up this mailbox in Mail, with a password of its own for this device.")
    return _(
        "Sets up this mailbox in Mail. You type the password of the mailbox when the device asks for it."
    )


def _consent() -> str:
    return _(
        "This profile adds one e-mail account to Mail. It changes nothing else, gives nobody control of the "
        "device, and can be removed at any time in Settings."
    )


class DeviceForm(ServiceForm):
    label = forms.CharField(
        label=gettext_lazy("Name of the device"),
        help_text=gettext_lazy("So that you know it again when you want to sign it out, such as “iPhone”."),
        max_length=LABEL_MOST,
        initial="iPhone",
        error_messages={"required": gettext_lazy("Write what it is for, so that you know it again.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    protocol = forms.ChoiceField(
        choices=[(word, protocol.value) for word, protocol in BY_WORD.items()],
        initial="imap",
        required=False,
        widget=forms.HiddenInput,
    )


@method_decorator(never_cache, name="dispatch")
class ProfileWithPassword(EitherPage):
    """The answer to a POST is the one profile that holds the new app password: it is kept nowhere else."""

    tab = "connect"
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        word = request.GET.get("protocol", "")
        offered = word in BY_WORD and self.offer().config.server(BY_WORD[word]) is not None
        return self.page(DeviceForm(initial={"label": "iPhone", "protocol": word if offered else "imap"}))

    @method_decorator(sensitive_variables("password"))
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = DeviceForm(request.POST)
        if not form.is_valid():
            return self.page(form)
        word = form.cleaned_data["protocol"] or "imap"
        offer = self.offer()
        if offer.config.server(BY_WORD[word]) is None:
            raise Http404
        try:
            _row, password = app_password_create(
                actor=request.user,
                mailbox=self.mailbox,
                label=form.cleaned_data["label"],
                protocols={name: name in {word, "smtp"} for name in PROTOCOLS},
                networks=[],
                expires=None,
            )
        except Refused as refused:
            form.refuse(refused)
            return self.page(form)
        return download(offer, BY_WORD[word], password)

    def offer(self) -> Offer:
        found = offer_for(self.mailbox.local, self.domain.name)
        if found is None:
            raise Http404
        return found

    def page(self, form: DeviceForm) -> HttpResponse:
        context = self.get_context_data(form=form, offer=self.offer(), connect_url=self.url("connect"))
        return render(self.request, "guides/auto/profile.html", context)
