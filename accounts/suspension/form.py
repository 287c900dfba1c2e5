"""What stops, and why: the form for an account, a domain or a mailbox."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models.suspension import Suspendable
from accounts.suspension import MOST_CHARACTERS, stops_check
from lib.errors import Refused
from lib.twice import NotTwice


class SuspendForm(NotTwice, forms.Form):
    """``cleaned_data`` is what accounts.suspension.suspend takes: ``sign_in``, ``receive``, ``send`` (True:
    it stops), ``reason``. ``target``: what it stands at now."""

    sign_in = forms.BooleanField(
        label=_("Signing in"),
        required=False,
        help_text=_("In mail programs and here. Open sessions end, and without signing in nothing is sent."),
    )
    send = forms.BooleanField(
        label=_("Sending"),
        required=False,
        help_text=_("What was handed in before still goes out."),
    )
    receive = forms.BooleanField(
        label=_("Receiving"),
        required=False,
        help_text=_(
            "Other servers are asked to try again later. They do so for some days, then tell the sender."
        ),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=MOST_CHARACTERS,
        help_text=_("Whoever is kept out reads it, here and in mail programs."),
        error_messages={"required": _("Write why, so that the next person knows.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        target: Suspendable | None = None,
        initial: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        first: dict[str, Any] = {"sign_in": True, "send": True}
        if target is not None and target.is_suspended:
            first = {"sign_in": target.no_sign_in, "send": target.no_send, "receive": target.no_receive}
            first["reason"] = target.suspended_reason
        super().__init__(data, initial=first | (initial or {}), **kwargs)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors:
            try:
                stops_check(**found)
            except Refused as refused:
                self.refuse(refused)
        return found

    def refuse(self, refused: Refused) -> None:
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)
