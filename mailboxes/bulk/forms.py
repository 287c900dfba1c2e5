"""The forms of an import: the file, its columns, what to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from mailboxes.bulk import columns, reading
from mailboxes.forms import ServiceForm
from mailboxes.models import BulkImport
from mailboxes.sizes import parse_mb

TEXT = 2_000_000  # characters
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "mono"}


class BringForm(ServiceForm):
    """A file goes before what is pasted."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_(
            "As cPanel, Plesk, Google Workspace or a spreadsheet saves it. 64 MB and 200,000 rows at most."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=_("Or paste the rows"),
        help_text=_("One mailbox a line: address, password, quota. A comma, semicolon or tab between them."),
        required=False,
        strip=False,
        max_length=TEXT,
        error_messages={
            "max_length": _("This is more than can be pasted. Save it as a file and choose that.")
        },
        widget=forms.Textarea(attrs=_PLAIN | {"rows": 8}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > reading.MOST_BYTES:
            raise forms.ValidationError(
                _("This is larger than 64 MB, the most that is read. Cut it into several.")
            )
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned.get("file") and not cleaned.get("text", "").strip():
            self.add_error("file", _("Choose a file, or paste the rows below."))
        return cleaned

    @property
    def title(self) -> str:
        file = self.cleaned_data["file"]
        return str(file.name) if file else ""

    @property
    def pieces(self) -> Iterable[bytes]:
        """After is_valid()."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        return file.chunks() if file else [self.cleaned_data["text"].encode("utf-8", "replace")]


class ColumnsForm(ServiceForm):
    """A choice for each column. ``key`` opens the file and is stored nowhere."""

    key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    heads = forms.BooleanField(label=_("The first row has the names of the columns"), required=False)
    quota_mb = forms.CharField(
        label=_("Storage quota where the file says none"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "mono short", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, width: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.width = min(width, reading.MOST_CELLS)
        for at in range(self.width):
            self.fields[f"c{at}"] = forms.ChoiceField(
                label=_("Column %(n)d") % {"n": at + 1},
                choices=list(columns.FIELDS.items()),
                required=False,
            )

    def clean_quota_mb(self) -> int:
        return self.checked(parse_mb, self.cleaned_data["quota_mb"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            named = [cleaned[f"c{at}"] for at in range(self.width)]
            cleaned["columns"] = self.checked(lambda: columns.chosen(named, heads=cleaned["heads"]))
        return cleaned

    def selects(self) -> list[forms.BoundField]:
        return [self[f"c{at}"] for at in range(self.width)]

    @staticmethod
    def first(found: columns.Columns, quota: str, key: str) -> dict[str, Any]:
        """What the page begins with."""
        named = {f"c{at}": field for at, field in enumerate(found.columns)}
        return named | {"heads": found.heads, "quota_mb": quota, "key": key}


class ConfirmForm(ServiceForm):
    mode = forms.ChoiceField(choices=BulkImport.Mode.choices)


def shown(rows: Sequence[Sequence[str]], named: Sequence[str]) -> list[list[str]]:
    """Samples without their secrets; each row as wide as the widest."""
    secret = {at for at, field in enumerate(named) if field in {"password", "password_hash"}}
    return [
        [
            ("•" * 8 if at in secret and cell else cell[:60])
            for at, cell in enumerate([*row, *[""] * (len(named) - len(row))][: len(named)])
        ]
        for row in rows
    ]
