"""What people set about spam. The services check it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mailboxes.forms import ServiceForm
from mailboxes.models.spam import LARGEST_THRESHOLD, USUAL_THRESHOLD, ListEntry, SpamSettings
from mailboxes.spam.services import HIGHEST_SCORE

LEVELS = [(4, _("Strict: 4")), (USUAL_THRESHOLD, _("Normal: 6")), (10, _("Relaxed: 10"))]


class SpamForm(ServiceForm):
    """``level`` picks a usual number; ``threshold`` counts when it is "own"."""

    level = forms.ChoiceField(
        label=_("From which score on is a mail spam?"),
        choices=[*((str(number), text) for number, text in LEVELS), ("own", _("Another number"))],
        help_text=_("Strict finds more spam, and takes more good mail for it. Every mail gets a score."),
        widget=forms.RadioSelect,
    )
    threshold = forms.IntegerField(
        label=_("Another number, 1 to 20"),
        required=False,
        min_value=1,
        max_value=LARGEST_THRESHOLD,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    does = forms.ChoiceField(
        label=_("What happens to spam?"), choices=SpamSettings.Does.choices, widget=forms.RadioSelect
    )
    quarantine_from = forms.IntegerField(
        label=_("Into quarantine from score"),
        required=False,
        min_value=1,
        max_value=HIGHEST_SCORE,
        help_text=_("Spam that is this clear does not reach any folder. Leave it empty for never."),
        widget=forms.NumberInput(attrs={"class": "short"}),
    )

    @classmethod
    def of(cls, settings: SpamSettings | None) -> SpamForm:
        threshold = settings.threshold if settings else USUAL_THRESHOLD
        usual = threshold in [number for number, _text in LEVELS]
        return cls(
            initial={
                "level": str(threshold) if usual else "own",
                "threshold": threshold,
                "does": settings.does if settings else SpamSettings.Does.JUNK,
                "quarantine_from": settings.quarantine_from if settings else None,
            }
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        level = cleaned.pop("level", "")
        if level == "own":
            if cleaned.get("threshold") is None and "threshold" not in self.errors:
                self.add_error("threshold", _("Write a number from 1 to 20."))
        elif level:
            cleaned["threshold"] = int(level)
        return cleaned


class EntryForm(ServiceForm):
    kind = forms.ChoiceField(label=_("List"), choices=ListEntry.Kind.choices)
    sender = forms.CharField(
        label=_("Address or domain"),
        max_length=320,
        help_text=_("ana@example.org, @example.org, or *.example.org for every name below it."),
        widget=forms.TextInput(attrs={"class": "mono", "autocapitalize": "none", "spellcheck": "false"}),
    )
    drops = forms.BooleanField(
        label=_("Denylist: throw its mail away instead of putting it into Junk"),
        required=False,
        help_text=_("Nobody will see it, and the sender is not told."),
    )
    unproven = forms.BooleanField(
        label=_("Allowlist: also when nothing proves the sender"),
        required=False,
        help_text=_(
            "Anybody can write any name as the sender. Tick this only if proper mail of it is missed."
        ),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)
