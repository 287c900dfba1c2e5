"""What is asked of Mail Queue: the filter in the address, and which mails something is done to."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from delivery.models import QueueAction
from delivery.queue.selectors import Place, QueueQuery

QUEUE_ID = re.compile(r"[0-9A-Za-z]{6,20}\Z")
PICKED = 500  # as many as anybody ticks by hand
STATES = [
    ("", _("All")),
    ("deferred", _("Waiting")),
    ("active", _("Being tried")),
    ("hold", _("Held")),
    ("incoming", _("Just come")),
]
_PLACE = re.compile(r"(\d{1,12})-([0-9A-Za-z]{6,20})\Z", re.ASCII)
_PICK = re.compile(r"(\d{1,12})-([0-9A-Za-z]{6,20})\Z", re.ASCII)


def _text(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=200)


class QueueFilter(forms.Form):
    sender = _text(_("From"))
    to = _text(_("To, or @domain"))
    why = _text(_("Words of the reason"))
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    older = forms.TypedChoiceField(
        label=_("Age"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("Any age")),
            (600, _("Over 10 minutes")),
            (3600, _("Over an hour")),
            (14400, _("Over 4 hours")),
            (86400, _("Over a day")),
            (259200, _("Over 3 days")),
        ],
    )
    order = forms.ChoiceField(
        label=_("Order"), required=False, choices=[("", _("Oldest first")), ("new", _("Newest first"))]
    )
    node = forms.SlugField(label=_("Server"), required=False, max_length=32)
    id = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    after = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_id(self) -> str:
        text: str = self.cleaned_data["id"]
        if text and not QUEUE_ID.match(text):
            raise ValidationError(_("This is no queue id: they are made of letters and digits."))
        return text

    def query(self) -> QueueQuery:
        """Call after is_valid(), whatever it said."""
        given = self.cleaned_data
        return QueueQuery(
            sender=given.get("sender", ""),
            to=given.get("to", ""),
            why=given.get("why", ""),
            state=given.get("state", ""),
            older=given.get("older"),
            id=given.get("id", ""),
            node=given.get("node", ""),
            newest=given.get("order") == "new",
            after=_place(given.get("after", "")),
        )

    def kept(self) -> dict[str, str]:
        """The filter as the address carries it, without the page."""
        names = ("sender", "to", "why", "state", "older", "order", "node", "id")
        values = {name: self.cleaned_data.get(name) for name in names}
        return {name: str(value) for name, value in values.items() if value not in {None, ""}}


class QueueDo(forms.Form):
    """``id``: NODE-ID of each ticked mail; ``all``: instead, all that match the filter; ``sure``: the
    question before a deletion was answered."""

    do = forms.ChoiceField(choices=QueueAction.Did.choices)
    all = forms.BooleanField(required=False)
    sure = forms.BooleanField(required=False)

    def picked(self) -> dict[int, list[str]]:
        """By the node's key."""
        found: dict[int, list[str]] = {}
        for text in self.data.getlist("id")[:PICKED]:  # type: ignore[attr-defined]  # a QueryDict
            if match := _PICK.match(text):
                found.setdefault(int(match[1]), []).append(match[2])
        return found

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("all") and not self.picked():
            raise ValidationError(_("Tick at least one mail first."))
        return self.cleaned_data


def _place(text: str) -> Place | None:
    match = _PLACE.match(text)
    return (int(match[1]), match[2]) if match else None
