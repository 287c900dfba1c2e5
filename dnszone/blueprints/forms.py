"""What is typed about zone templates. The services have the last word."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as __

from dnszone.blueprints.placeholders import TEXT_MAX, BadTemplate
from lib.errors import Refused
from lib.twice import NotTwice

EXAMPLE = """; www and a shop beside the mail that the panel sets up
www   A     {ipv4}
www   AAAA  {ipv6}
shop  CNAME shops.example.net
"""


class TemplateForm(NotTwice, forms.Form):
    name = forms.CharField(
        label=__("Name"),
        max_length=80,
        error_messages={"required": __("Give the template a name, such as “Website and mail”.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    text = forms.CharField(
        label=__("Records"),
        help_text=__(
            "One in each line, as in a zone file: name, type, value. "
            "A TTL in seconds may stand before the type."
        ),
        strip=False,
        max_length=TEXT_MAX,
        error_messages={"required": __("Write at least one record, such as: www A {ipv4}")},
        widget=forms.Textarea(
            attrs={
                "class": "mono",
                "rows": 14,
                "spellcheck": "false",
                "autocapitalize": "none",
                "wrap": "off",
            }
        ),
    )
    is_default = forms.BooleanField(
        label=__("New domains get it"),
        help_text=__("Beside what the panel sets up for mail. One template at a time."),
        required=False,
    )

    def refuse(self, refused: Refused) -> None:
        if isinstance(refused, BadTemplate):
            for error in refused.errors:
                self.add_error("text", error)
            return
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)

    @property
    def wish(self) -> dict[str, Any]:
        """For the services, after is_valid()."""
        return {key: self.cleaned_data[key] for key in ("name", "text", "is_default")}
