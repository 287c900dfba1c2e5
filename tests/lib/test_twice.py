"""A field that is sent twice is refused in every form that says so."""

from __future__ import annotations

import pytest
from django import forms
from django.http import QueryDict

from lib.twice import NotTwice


class Asked(NotTwice, forms.Form):
    size = forms.CharField()
    ticked = forms.MultipleChoiceField(choices=[("a", "a"), ("b", "b")], required=False)


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        ("size=1", []),
        ("size=1&ticked=a&ticked=b", []),
        ("size=1&size=1", ["size"]),
        ("size=1&size=9&ticked=a", ["size"]),
        ("size=&size=", ["size"]),
        ("size=1&size[]=2", []),
    ],
)
def test_which_one_was_meant(sent: str, refused: list[str]) -> None:
    form = Asked(QueryDict(sent))
    assert list(form.errors) == refused
    assert form.is_valid() is not bool(refused)


def test_data_that_is_no_request_s_is_taken_as_it_is() -> None:
    assert Asked({"size": "1"}).is_valid()
