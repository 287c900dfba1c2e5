"""What a person says about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User

THEMES = [("", _("As the device says")), ("light", _("Light")), ("dark", _("Dark"))]


class ProfileForm(forms.Form):
    """Language is asked for only where there is a choice."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("How the panel and its mails address you."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser says")), *settings.LANGUAGES], required=False
    )
    theme = forms.ChoiceField(label=_("Colours"), choices=THEMES, required=False, widget=forms.RadioSelect)

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: User) -> None:
        super().__init__(data, initial={"name": user.name, "language": user.language, "theme": user.theme})
        if len(settings.LANGUAGES) < 2:
            del self.fields["language"]


class LanguageForm(forms.Form):
    """One press in the footer."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


class ThemeForm(forms.Form):
    """One press in the footer."""

    theme = forms.ChoiceField(choices=THEMES, required=False)
