"""Which mails the panel sends to the person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.muting import notices_mute
from notices import kinds


class NoticesForm(forms.Form):
    """Ticked: sent."""

    sent = forms.MultipleChoiceField(
        label=gettext_lazy("Send me a mail when"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(kind.name, kind.label) for kind in kinds.optional()],
    )

    def muted(self) -> set[str]:
        return {kind.name for kind in kinds.optional()} - set(self.cleaned_data["sent"])


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    person = request.user
    if not isinstance(person, User):
        raise Http404
    on = [kind.name for kind in kinds.optional() if kind.name not in person.muted_notices]
    form = NoticesForm(request.POST if request.method == "POST" else None, initial={"sent": on})
    if request.method == "POST" and form.is_valid():
        notices_mute(actor=person, muted=form.muted())
        messages.success(request, _("Your choice of mails is saved."))
        return redirect("notices")
    context: dict[str, Any] = {"form": form, "always": [kind for kind in kinds.every() if kind.security]}
    return render(request, "notices/page.html", context)
