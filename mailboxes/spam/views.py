"""Pages about spam: of a mailbox, for its user too, and of a domain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Refused
from mailboxes.models import Mailbox
from mailboxes.spam import services, words
from mailboxes.spam.forms import EntryForm, SpamForm
from mailboxes.views.base import DomainPage
from mailboxes.views.either import EitherPage
from provision.selectors import statuses

DOMAIN_ENTRIES = {"domain_entries": Count("mail_domain__list_entries")}


class _Settings:
    """What the page of a mailbox and that of a domain do alike. ``owner``: the row it is about."""

    request: HttpRequest
    owner: services.Owner
    here = ""
    script_key = ""

    def act(self, request: HttpRequest) -> HttpResponse:
        """One form of the page, by its button."""
        what = request.POST.get("do", "")
        if what == "settings":
            settings = SpamForm(request.POST)
            return self.change(settings, services.spam_set) or self.page(settings, None, status=422)
        if what == "entry":
            entry = EntryForm(request.POST)
            return self.change(entry, services.entry_add) or self.page(None, entry, status=422)
        if what == "reset":
            services.spam_reset(actor=request.user, owner=self.owner)
        elif what == "remove" and request.POST.get("entry", "").isascii():
            number = request.POST["entry"]
            services.entry_remove(
                actor=request.user, owner=self.owner, entry=int(number) if number.isdecimal() else 0
            )
        return redirect(self.here)

    def change(self, form: SpamForm | EntryForm, service: Callable[..., Any]) -> HttpResponse | None:
        """None: something in the form is wrong."""
        if not form.is_valid():
            return None
        try:
            service(actor=self.request.user, owner=self.owner, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
            return None
        messages.success(self.request, _("Saved."))
        return redirect(self.here)

    def page(self, settings: SpamForm | None, entry: EntryForm | None, *, status: int = 200) -> HttpResponse:
        raise NotImplementedError

    def common(self, settings: SpamForm | None, entry: EntryForm | None) -> dict[str, Any]:
        own = services.settings_of(self.owner)
        sender = self.request.GET.get("sender", "")[:320].replace("\x00", "")
        rows = list(services.entries_of(self.owner).order_by("kind", "sender"))
        return {
            "form": settings or SpamForm.of(own),
            "entry_form": entry or EntryForm(initial={"kind": "allow", "sender": sender}),
            "own_settings": own,
            "entries": rows,
            "here": self.here,
            "status": statuses([self.script_key]).get(self.script_key),
            "strictness": words.strictness,
        }


class SpamPage(EitherPage, _Settings):
    tab = "spam"
    beside = ("mail__spam",)

    def boxes(self, request: HttpRequest) -> QuerySet[Mailbox]:
        return super().boxes(request).select_related("spam").annotate(**DOMAIN_ENTRIES)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.owner = self.mailbox
        self.here = self.url("spam")
        self.script_key = f"script/{self.mailbox.address}"

    def domain_entries(self) -> int:
        """On the lists of its domain."""
        known: int | None = getattr(self.mailbox, "domain_entries", None)
        return services.entries_of(self.mail_domain).count() if known is None else known

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(None, None)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.act(request)

    def page(self, settings: SpamForm | None, entry: EntryForm | None, *, status: int = 200) -> HttpResponse:
        of_domain = services.settings_of(self.mail_domain)
        context = self.get_context_data(
            of_domain=of_domain,
            domain_entries=self.domain_entries(),
            quarantine_url=self.url("quarantine"),
            **self.common(settings, entry),
        )
        return render(self.request, "mailboxes/spam/mailbox.html", context, status=status)


class DomainSpamPage(DomainPage, _Settings):
    right = Right.MANAGE
    beside = ("mail__spam",)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.owner = self.mail_domain
        self.here = reverse("domain-spam", args=[self.domain.name])
        self.script_key = f"script/{self.domain.name}"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(None, None)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.act(request)

    def page(self, settings: SpamForm | None, entry: EntryForm | None, *, status: int = 200) -> HttpResponse:
        context = self.get_context_data(
            quarantine_url=reverse("domain-quarantine", args=[self.domain.name]),
            **self.common(settings, entry) | {"nav": "spam"},
        )
        return render(self.request, "mailboxes/spam/domain.html", context, status=status)
