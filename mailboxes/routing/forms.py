"""The choice between the five kinds of Email Routing."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from mailboxes.forms import ServiceForm
from mailboxes.models import Routing


class RoutingForm(ServiceForm):
    """``sure``: the person has read what it changes."""

    mode = forms.ChoiceField(
        label=_("What happens to mail for the domain?"),
        choices=Routing.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these."), "invalid_choice": _("Choose one of these.")},
    )
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)
