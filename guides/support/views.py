"""“Contact support”: one page for people of the panel, one for mailbox users."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic.base import View

from guides.models import SupportRequest
from guides.support import services
from guides.support.about import about_of
from guides.support.diagnostics import Part, parts_of, sealed, unsealed
from lib.errors import Refused
from mailboxes.forms import ServiceForm
from mailboxes.people import MailboxUser

SHOWN = 10


class AskForm(ServiceForm):
    text = forms.CharField(
        label=gettext_lazy("What do you want to know?"),
        help_text=gettext_lazy(
            "What you did, what happened, what you expected. Write no password: support never needs one."
        ),
        max_length=services.TEXT_MOST,
        error_messages={"required": gettext_lazy("Write what you want to know.")},
        widget=forms.Textarea(attrs={"rows": 6}),
    )


@method_decorator(never_cache, name="dispatch")
class Support(View):
    """``?sent=``: the reference of a question that was just sent. ``own``: for mailbox users."""

    own = False
    http_method_names = ["get", "head", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if isinstance(request.user, MailboxUser) != self.own:
            raise Http404

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(AskForm(), self.found())

    def post(self, request: HttpRequest) -> HttpResponse:
        form, shown = AskForm(request.POST), unsealed(request.POST.get("shown", ""), request.user)
        if shown is None:
            form.add_error(None, _("The page is too old. Look at what is attached once more, then send."))
            return self.page(form, self.found())
        ticked = set(request.POST.getlist("attach"))
        if form.is_valid():
            try:
                row = self.ask(form.cleaned_data["text"], [part for part in shown if part.key in ticked])
            except Refused as refused:
                form.refuse(refused)
            else:
                return redirect(f"{self.address()}?sent={row.reference}")
        return self.page(form, shown, ticked)

    def ask(self, text: str, attached: list[Part]) -> SupportRequest:
        about, language = about_of(self.request), get_language() or ""
        return services.support_ask(
            actor=self.request.user, about=about, text=text, attached=attached, language=language
        )

    def found(self) -> list[Part]:
        agent = self.request.headers.get("User-Agent", "")
        return parts_of(about_of(self.request), agent=agent, reader=self.request.user)

    def address(self) -> str:
        return reverse("own-support" if self.own else "support")

    def page(self, form: AskForm, parts: list[Part], ticked: set[str] | None = None) -> HttpResponse:
        user: Any = self.request.user
        sent = SupportRequest.objects.visible_to(user).select_related("notice").order_by("-created_at")
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        context = {
            "form": form,
            "parts": [(part, ticked is None or part.key in ticked) for part in parts],
            "shown": sealed(parts, user),
            "kept": {name: given.get(name, "") for name in ("about", "mailbox", "domain")},
            "desk": services.desk_of(user),
            "requests": list(sent[:SHOWN]),
            "just_sent": self.request.GET.get("sent", ""),
            "nav": "support",
            "mailbox": user if self.own else None,
            "base_template": "mailboxes/own/base.html" if self.own else "base.html",
        }
        return render(self.request, "guides/support/page.html", context)
