"""A field that is sent twice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _


class NotTwice:
    """Mixed into a form, before it: Django would quietly take the last of several values. Which one was
    meant? Refused at the field; fields for several values may have several."""

    data: Any
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data  # type: ignore[misc]  # a form's
        for name, field in self.fields.items() if isinstance(self.data, QueryDict) else ():
            several = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
            if not several and len(self.data.getlist(self.add_prefix(name))) > 1:  # type: ignore[attr-defined]
                self.add_error(name, _("This came twice. Send it once."))  # type: ignore[attr-defined]
        return cleaned
