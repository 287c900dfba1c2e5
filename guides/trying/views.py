"""“Test from here”."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.signin import throttle, tries
from guides.trying import turns
from guides.trying.forms import PasswordForm
from guides.trying.leaving import leaves
from guides.trying.running import Outcome, Trial
from guides.views.base import ConnectPage
from guides.watching.looking import test_note


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class ConnectTest(ConnectPage):
    """A POST answers with the result's page; through htmx, with the part that changes."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(PasswordForm())

    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = PasswordForm(request.POST)
        if not form.is_valid():
            return self.page(form)
        try:
            outcome = self.tried(form.cleaned_data["password"])
        except ValidationError as error:
            form.add_error("password", error)
            return tries.answered(request, self.page(form))
        except turns.Busy:
            words = _("Others are testing at this moment. Wait half a minute, then try again.")
            form.add_error(None, words)
            return self.page(form)
        return self.page(PasswordForm(), outcome)

    @method_decorator(sensitive_variables())
    def tried(self, password: str) -> Outcome:
        """Counted as a sign-in to the panel is, so that it tells a guesser no more than that. Raises
        ValidationError, Busy."""
        box, node = self.mailbox, self.mail_domain.node
        begin = timezone.now()
        addresses = [*node.addresses] or [node.host]
        with (
            turns.seat(box.pk),
            tries.counted(self.request, throttle.PASSWORD, box.address, [box.password_hash]) as one,
        ):
            outcome = Trial(self.config, addresses, password, self.closed, leaves(box)).run()
            if outcome.right:
                one.right()
        test_note(box.address, clients=outcome.clients, begin=begin)
        return outcome

    def page(self, form: PasswordForm, outcome: Outcome | None = None) -> HttpResponse:
        part = bool(self.request.htmx)  # type: ignore[attr-defined]  # django_htmx's
        context = self.get_context_data(form=form, outcome=outcome, here=self.url("connect-test"))
        return render(self.request, "guides/trying/part.html" if part else "guides/trying/page.html", context)
