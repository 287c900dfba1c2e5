"""The form of a reseller's brand, and what the page shows of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.branding import Wish
from accounts.models import Account, Brand
from lib import colour, pictures
from lib.errors import Refused
from panel.branding import hosts
from panel.branding.hosts import Record

_MONO = {"class": "mono", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class BrandForm(forms.Form):
    """All that a service refuses comes back at its field. The fields are those of Wish, and the logo."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("What your clients know you by. It stands where ours would."),
        max_length=60,
        error_messages={"required": _("Type the name that your clients know you by.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_(
            "PNG, JPEG, WebP or GIF, at most 1 MB. It is drawn again as a PNG of at most 480 by 160 pixels; "
            "nothing else of the file is kept."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )
    accent = forms.CharField(
        label=_("Accent colour"),
        help_text=_("Six digits, like #1a5fb4. Where it could not be read we make it darker or lighter."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=_MONO | {"class": "mono short"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of pages and mails for clients who chose none and whose browser asks for none of ours."),
        choices=[("", _("The provider’s")), *settings.LANGUAGES],
        required=False,
    )
    support_email = forms.CharField(
        label=_("Support address"),
        help_text=_("On every page and in every mail, for clients who need help."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs=_MONO),
    )
    support_url = forms.CharField(
        label=_("Support page"),
        help_text=_("Like https://help.example.com."),
        max_length=300,
        required=False,
        widget=forms.URLInput(attrs=_MONO),
    )
    premium_title = forms.CharField(
        label=_("Premium mail: title"),
        help_text=_("Something better that you sell, shown below your clients’ domains. Empty: nothing."),
        max_length=60,
        required=False,
    )
    premium_text = forms.CharField(label=_("Premium mail: what it is"), max_length=300, required=False)
    premium_url = forms.CharField(
        label=_("Premium mail: link"), max_length=300, required=False, widget=forms.URLInput(attrs=_MONO)
    )
    panel_host = forms.CharField(
        label=_("Host name of the panel"),
        help_text=_("Like panel.example.com. Who comes by this name sees your brand before signing in."),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs=_MONO | {"inputmode": "url"}),
    )
    mail_host = forms.CharField(
        label=_("Host name of the mail servers"),
        help_text=_("Like mail.example.com. Guides say it instead of ours, once it works."),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs=_MONO | {"inputmode": "url"}),
    )

    def __init__(self, data: Any = None, files: Any = None, *, brand: Brand | None, account: Account) -> None:
        names = [field.name for field in fields(Wish)]
        initial = {name: getattr(brand, name) for name in names} if brand else {"name": account.name[:60]}
        super().__init__(data, files, initial=initial)

    def clean_logo(self) -> bytes | None:
        """PNG of our own making, or None when no file was sent."""
        sent = self.cleaned_data["logo"]
        if not isinstance(sent, UploadedFile):
            return None
        try:
            return pictures.to_logo(sent.read(pictures.MOST_BYTES + 1))
        except Refused as refused:
            raise forms.ValidationError(refused.message) from None

    def wish(self) -> Wish:
        """After is_valid()."""
        return Wish(**{field.name: self.cleaned_data[field.name] for field in fields(Wish)})

    def refuse(self, refused: Refused) -> None:
        """Show a service's answer at the field it speaks of, or on top of the form."""
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A saved brand as the page shows it. ``ratio_*``: the contrast that words in the colour have at
    least."""

    brand: Brand
    logo_path: str
    css_path: str
    pair: colour.Pair | None
    ratio_light: str
    ratio_dark: str
    panel_records: list[Record]
    mail_records: list[Record]

    @classmethod
    def of(cls, brand: Brand) -> Look:
        pair = colour.readable(brand.accent) if brand.accent else None
        return cls(
            brand=brand,
            logo_path=f"/brand/{brand.logo_sha}.png" if brand.logo_sha else "",
            css_path=f"/brand/{pair.light[1:]}-{pair.dark[1:]}.css" if pair else "",
            pair=pair,
            ratio_light=f"{colour.worst(pair.light, colour.LIGHT):.1f}" if pair else "",
            ratio_dark=f"{colour.worst(pair.dark, colour.DARK):.1f}" if pair else "",
            panel_records=hosts.panel_records(brand) if brand.panel_host else [],
            mail_records=hosts.mail_records(brand) if brand.mail_host else [],
        )

    @property
    def adjusted(self) -> bool:
        return self.pair is not None and (self.pair.light, self.pair.dark) != (
            self.brand.accent,
            self.brand.accent,
        )
