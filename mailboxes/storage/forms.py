"""What somebody wants to be rid of. It changes nothing: the next page shows what goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mailboxes.models import CleanUp
from mailboxes.storage.services import Choice

What = CleanUp.What
AGES = [
    (30, _("30 days")),
    (90, _("3 months")),
    (180, _("6 months")),
    (365, _("1 year")),
    (730, _("2 years")),
]
SIZES = [(1, "1 MB"), (5, "5 MB"), (10, "10 MB"), (25, "25 MB")]
_ONE = {"required": _("Choose one of these."), "invalid_choice": _("Choose one of these.")}


class CleanForm(forms.Form):
    what = forms.ChoiceField(
        label=_("What shall go?"), choices=What.choices, widget=forms.RadioSelect, error_messages=_ONE
    )
    days = forms.TypedChoiceField(
        label=_("Older than"), choices=AGES, coerce=int, required=False, error_messages=_ONE
    )
    over_mb = forms.TypedChoiceField(
        label=_("Larger than"), choices=SIZES, coerce=int, required=False, error_messages=_ONE
    )
    folder = forms.CharField(
        label=_("Folder"),
        required=False,
        max_length=1000,
        strip=False,
        help_text=_("As your mail program calls it, such as INBOX. Empty: all folders but Trash and Junk."),
        widget=forms.TextInput(attrs={"list": "folders", "autocomplete": "off", "spellcheck": "false"}),
    )
    for_good = forms.TypedChoiceField(
        label=_("Where to?"),
        choices=[("0", _("Into the Trash, from where it can be taken back")), ("1", _("Away for good"))],
        widget=forms.RadioSelect,
        required=False,
        error_messages=_ONE,
    )

    def folders_known(self, names: Sequence[str]) -> None:
        """Have the folder chosen of these, instead of typed."""
        folder = self.fields["folder"]
        choices = [("", _("All folders but Trash and Junk")), *((name, name) for name in names)]
        folder.widget = forms.Select(choices=choices)
        folder.help_text = _("As they are in this mailbox now.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("what") == What.OLD and not data.get("days"):
            self.add_error("days", _("Choose how old."))
        if data.get("what") == What.BIG and not data.get("over_mb"):
            self.add_error("over_mb", _("Choose how large."))
        return data

    def choice(self) -> Choice:
        data = self.cleaned_data
        what = data["what"]
        whole = what in {What.TRASH, What.JUNK}
        return Choice(
            what=what,
            folder="" if whole else data["folder"],
            days=data["days"] if what == What.OLD else 0,
            over_mb=data["over_mb"] if what == What.BIG else 0,
            to_trash=not whole and data["for_good"] != "1",
        )
