"""The password, and nothing else."""

from __future__ import annotations

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 256


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password of the mailbox, or an app password"),
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "spellcheck": "false"}),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in password):
            words = _("A password is one line, with no line breaks, tabs or control characters.")
            raise ValidationError(words)
        return password
