"""What people type about sending limits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mailboxes.forms import ServiceForm
from mailboxes.sending.numbers import DEFAULTS, LABELS, MOST, NUMBERS


def _number(name: str, default: int | None) -> forms.IntegerField:
    texts = {
        "invalid": _("Write a whole number, or leave it empty."),
        "min_value": _("Write 1 or more, or leave it empty. To stop all sending, suspend the mailbox."),
        "max_value": _("Write at most %(limit_value)s."),
    }
    hint = _("Empty: %(most)s.") % {"most": default} if default else _("Empty: no limit of its own.")
    if name == "new_day":
        said = _("People this mailbox never wrote to before. A stolen password is found out by these first.")
        hint = f"{said} {hint}" if default else hint
    return forms.IntegerField(
        label=str(LABELS[name]),
        help_text=hint,
        required=False,
        min_value=1,
        max_value=MOST,
        error_messages=texts,
        widget=forms.TextInput(attrs={"class": "mono short", "inputmode": "numeric", "autocomplete": "off"}),
    )


class LimitForm(ServiceForm):
    """``of_mailbox``: some numbers hold for a mailbox although nobody decided them."""

    def __init__(self, *args: Any, of_mailbox: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NUMBERS:
            self.fields[name] = _number(name, DEFAULTS.get(name) if of_mailbox else None)

    def numbers(self) -> dict[str, int | None]:
        return {name: self.cleaned_data.get(name) for name in NUMBERS}
