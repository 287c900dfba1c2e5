"""The questions of “Which should I use?”, and what is said of a page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guides.learn.which import Answers

DEVICES = (
    ("computer", _("A computer")),
    ("computer2", _("A second computer")),
    ("phone", _("A phone")),
    ("tablet", _("A tablet")),
    ("browser", _("A browser, on any computer")),
    ("machine", _("A program that works mail off, such as a help desk or bookkeeping")),
)
PEOPLE = (("one", _("One person")), ("team", _("Several people, or a team")))
PLACE = (
    ("server", _("On the server")),
    ("both", _("On the server, and readable without internet")),
    ("computer", _("On my computer alone")),
)
MUCH = (("no", _("Little: I tidy up")), ("yes", _("Much: I keep it for years")))
DELETING = (
    ("everywhere", _("It shall be gone everywhere")),
    ("there", _("It shall be gone on that device alone")),
)


class WhichForm(forms.Form):
    """Sent by GET, so that the answer has an address."""

    devices = forms.MultipleChoiceField(
        label=_("Where do you read this mail?"), choices=DEVICES, widget=forms.CheckboxSelectMultiple
    )
    people = forms.ChoiceField(label=_("Who reads it?"), choices=PEOPLE, widget=forms.RadioSelect)
    place = forms.ChoiceField(
        label=_("Where shall the mail be kept?"), choices=PLACE, widget=forms.RadioSelect
    )
    much = forms.ChoiceField(label=_("How much do you keep?"), choices=MUCH, widget=forms.RadioSelect)
    deleting = forms.ChoiceField(
        label=_("When you delete a mail on one device"), choices=DELETING, widget=forms.RadioSelect
    )

    def answers(self, **known: Any) -> Answers:
        given = self.cleaned_data
        return Answers(
            devices=frozenset(given["devices"]),
            people=given["people"],
            place=given["place"],
            much=given["much"] == "yes",
            deleting=given["deleting"],
            **known,
        )


FIRST = {"people": "one", "place": "server", "much": "no", "deleting": "everywhere"}


class VoteForm(forms.Form):
    subject = forms.CharField(max_length=100)
    helpful = forms.ChoiceField(choices=(("yes", "yes"), ("no", "no")))
    sentence = forms.CharField(required=False)  # the service keeps what has room
