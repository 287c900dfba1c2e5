"""Forms of archives."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.errors import Refused
from mailboxes.archives.checking import archive_check
from mailboxes.archives.services import MOST_BYTES

UNSHOWN = re.compile(r"[\x00-\x1f\x7f]")
TOO_LARGE = _("This file has more than 1 GB. Split it, or restore one folder.")


class FolderForm(forms.Form):
    folder = forms.CharField(
        label=_("Folder"),
        max_length=200,
        required=False,
        help_text=_("Its name, like Sent or Projects/2026. Empty: all of them."),
    )

    def clean_folder(self) -> str:
        folder = str(self.cleaned_data["folder"]).strip().strip("/")
        if UNSHOWN.search(folder) or any(0xD800 <= ord(letter) < 0xE000 for letter in folder):
            raise forms.ValidationError(_("A folder's name is one line."))
        return folder


class RestoreForm(FolderForm):
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("A ZIP of this page, or a ZIP, TAR or mbox of another program. At most 1 GB."),
    )
    field_order = ["file", "folder"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["folder"].label = _("Into the folder")
        self.fields["folder"].help_text = _("Empty: the folders that they were in.")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        if not file.size:
            raise forms.ValidationError(_("This file is empty. Choose another one."))
        try:
            archive_check(file, file.size)
        except Refused as refused:
            raise forms.ValidationError(refused.message) from refused
        return file
