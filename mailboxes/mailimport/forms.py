"""Forms of imports."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from lib.errors import Refused
from mailboxes.mailimport.places import place_check
from mailboxes.mailimport.services import Source
from mailboxes.models import Mailbox, MailDomain

HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_:\[\]](?:[A-Za-z0-9_.:\[\]-]*[A-Za-z0-9_:\]])?\Z")
UNSHOWN = re.compile(r"[\x00-\x1f\x7f]")
MOST_ROWS = 1000


class PlaceForm(forms.Form):
    """The other server."""

    host = forms.CharField(
        label=_("Mail server"), max_length=253, help_text=_("Its IMAP name, like imap.example.com.")
    )
    security = forms.ChoiceField(
        label=_("Encryption"), choices=[("tls", _("TLS from the start")), ("starttls", _("STARTTLS"))]
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=993)

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip().rstrip(".")
        try:
            plain = host.encode("idna").decode() if not host.isascii() else host
        except UnicodeError:
            plain = ""
        if not HOST.match(plain):
            raise forms.ValidationError(_("That is no name of a server. It looks like imap.example.com."))
        return plain.lower()

    def clean(self) -> dict[str, Any]:
        super().clean()
        found = self.cleaned_data
        if found.get("host") and found.get("port"):
            try:
                place_check(found["host"], found["port"])
            except Refused as refused:
                self.add_error(refused.field or None, refused.message)
        return found

    def source(self, user: str) -> Source:
        found = self.cleaned_data
        return Source(host=found["host"], port=found["port"], security=found["security"], user=user)


class ImportForm(PlaceForm):
    user = forms.CharField(
        label=_("User name there"), max_length=254, help_text=_("Mostly the whole address.")
    )
    password = forms.CharField(
        label=_("Password there"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Only the mail server that fetches the mail can read it, and forgets it at the end."),
    )
    field_order = ["host", "security", "port", "user", "password"]

    def clean_user(self) -> str:
        user = str(self.cleaned_data["user"])
        if UNSHOWN.search(user):
            raise forms.ValidationError(_("A user name is one line."))
        return user


class ManyForm(PlaceForm):
    """``rows``: after cleaning, (mailbox, user, password) each."""

    lines = forms.CharField(
        label=_("Mailboxes"),
        max_length=500_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_(
            "One a line: address here; user name there; password there. The mailboxes have to be here "
            "already."
        ),
    )

    def __init__(self, *args: Any, mail_domain: MailDomain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mail_domain = mail_domain
        self.rows: list[tuple[Mailbox, str, str]] = []

    def forget_passwords(self) -> None:
        """What is shown again has none."""
        if self.is_bound:
            lines = str(self.data.get("lines", "")).splitlines()
            kept = [
                ";".join(re.split(r"[;\t]", line, maxsplit=2)[:2]) + ";" if line.strip() else ""
                for line in lines
            ]
            data = QueryDict(mutable=True)
            data.update({name: str(self.data.get(name, "")) for name in self.fields})
            data["lines"] = "\n".join(kept)
            self.data = data

    def clean_lines(self) -> str:
        lines = [
            (n, line)
            for n, line in enumerate(str(self.cleaned_data["lines"]).splitlines(), 1)
            if line.strip()
        ]
        if len(lines) > MOST_ROWS:
            raise forms.ValidationError(_("At most %(n)d lines at once."), params={"n": MOST_ROWS})
        boxes = {
            box.address: box
            for box in Mailbox.objects.present()
            .filter(mail_domain=self.mail_domain)
            .select_related("mail_domain__domain__account__reseller", "mail_domain__node")
        }
        wrong, seen = [], set()
        for number, line in lines:
            parts = re.split(r"[;\t]", line.strip("\ufeff\r"), maxsplit=2)
            address = parts[0].strip().lower()
            if len(parts) != 3 or not parts[1].strip() or not parts[2]:
                wrong.append(_("Line %(n)d: it needs address; user name; password.") % {"n": number})
            elif address not in boxes:
                wrong.append(_("Line %(n)d: there is no such mailbox here.") % {"n": number})
            elif address in seen:
                wrong.append(_("Line %(n)d: this mailbox came before.") % {"n": number})
            elif UNSHOWN.search(parts[1]) or len(parts[1]) > 254 or len(parts[2]) > 500:
                wrong.append(
                    _("Line %(n)d: the user name or password is too long or not one line.") % {"n": number}
                )
            else:
                seen.add(address)
                self.rows.append((boxes[address], parts[1].strip(), parts[2]))
        if wrong:
            raise forms.ValidationError(wrong[:50])
        return ""
