"""Where a zone file comes from, and what becomes of the records that are here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dnszone.models import Draft
from dnszone.zonefile.decode import decoded
from dnszone.zonefile.merge import How
from lib.errors import Refused

TEXT_BYTES = 5 * 1024 * 1024
TEXT_AGAIN = 300_000  # characters that a page with errors shows again, to be put right in place
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
_TOO_LARGE = _("This is larger than 5 MB, the most that is read. A zone of 20,000 records has about 2 MB.")


class _HowForm(forms.Form):
    """The part that files and transfers share. ``draft``: what the person has not applied yet."""

    how = forms.ChoiceField(
        label=_("What happens to the records that are here now?"),
        choices=[
            (
                How.ADD,
                _("Add and change: a name and type of the file replaces the same here, the rest stays."),
            ),
            (How.REPLACE, _("Replace everything: what is not in the file goes.")),
        ],
        initial=How.ADD,
        widget=forms.RadioSelect,
        required=False,  # nothing chosen: what takes away least
        error_messages={"invalid_choice": _("Choose one.")},
    )
    managed_too = forms.BooleanField(
        label=_("Also what the panel keeps (mail, DKIM, set-up of mail programs)"),
        help_text=_(
            "Without a tick these records stay, unless the file has something in their place: mail here goes "
            "on working."
        ),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, files: Any = None, *, draft: Draft | None, **rest: Any):
        super().__init__(data, files, **rest)
        if draft is not None and draft.items:
            count = len(draft.items)
            self.fields["replace_draft"] = forms.BooleanField(
                label=ngettext(
                    "Give up my change that is not applied yet",
                    "Give up my %(n)d changes that are not applied yet",
                    count,
                )
                % {"n": count},
                error_messages={
                    "required": _("You have changes that are not applied. Apply them first, or tick this.")
                },
            )

    def refuse(self, refused: Refused) -> None:
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)

    @property
    def wish(self) -> dict[str, Any]:
        """After is_valid(), for zone_file_bring."""
        return {
            "how": How(self.cleaned_data["how"] or How.ADD),
            "managed_too": self.cleaned_data["managed_too"],
        }


class ImportForm(_HowForm):
    """A file goes before what is pasted. After is_valid(): ``text``, ``title``, and in ``said`` how it was
    read."""

    file = forms.FileField(
        label=_("Zone file"),
        help_text=_("At most 5 MB. Other programs call it BIND format, often named .zone, .db or .txt."),
        required=False,
        allow_empty_file=True,
        max_length=None,
    )
    text = forms.CharField(
        label=_("Or paste it here"),
        required=False,
        strip=False,  # a blank in front of a line has a meaning
        widget=forms.Textarea(attrs=_PLAIN | {"class": "mono", "rows": 12, "wrap": "off"}),
    )
    field_order = ["file", "text", "how", "managed_too", "replace_draft"]

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        draft: Draft | None,
        **rest: Any,
    ) -> None:
        super().__init__(data, files, draft=draft, **rest)
        self.fields["text"].validators = []  # a NUL is an error at its line, as in a file
        self.order_fields(self.field_order)
        self.said = self.title = ""
        self.not_again = False

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text) > TEXT_BYTES or len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES:
            raise forms.ValidationError(_TOO_LARGE)
        return text

    def clean_file(self) -> str | None:
        sent = self.cleaned_data["file"]
        if not isinstance(sent, UploadedFile):
            return None
        data = sent.read(TEXT_BYTES + 1)
        if len(data) > TEXT_BYTES:
            raise forms.ValidationError(_TOO_LARGE)
        try:
            text, self.said = decoded(data)
        except Refused as refused:
            raise forms.ValidationError(refused.message) from None
        self.title = sent.name or ""
        return text

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "file" in data and data["file"] is not None:
            data["text"] = data["file"]
        elif "text" in data and "file" in data and not data["text"].strip():
            self.add_error("file", _("Choose a file, or paste its text below."))
        self.title = self.title or str(_("pasted text"))
        return data

    def show_again(self) -> None:
        """The text, from wherever it came, to be put right in place; what is long is put right at home."""
        text = self.cleaned_data.get("text") or self.data.get("text", "")
        self.not_again = len(text) > TEXT_AGAIN
        self.data = {key: self.data[key] for key in self.data} | {"text": "" if self.not_again else text}


class TransferForm(_HowForm):
    server = forms.CharField(
        label=_("Name server"),
        help_text=_(
            "The name or address of a server that has the zone now, such as ns1.example.net. Most hand it "
            "out only after their owner has allowed it."
        ),
        max_length=260,
        widget=forms.TextInput(attrs=_PLAIN | {"class": "mono"}),
        error_messages={"required": _("Write the name of the server that has the zone now.")},
    )
    field_order = ["server", "how", "managed_too", "replace_draft"]

    def __init__(self, data: QueryDict | None = None, *, draft: Draft | None, **rest: Any) -> None:
        super().__init__(data, draft=draft, **rest)
        self.order_fields(self.field_order)
