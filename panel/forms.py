"""The forms of what spans the apps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Domain, User
from lib import names
from lib.errors import Refused


class DomainForm(forms.Form):
    """A name in any form people write it; which account only for those who have several."""

    name = forms.CharField(
        label=_("Domain name"),
        help_text=_("Like example.com, without www. Accents and capitals are fine."),
        error_messages={"required": _("Type the domain’s name, like example.com.")},
        widget=forms.TextInput(
            attrs={
                "class": "mono",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "inputmode": "url",
            }
        ),
    )
    account = forms.ModelChoiceField(
        label=_("For"),
        queryset=Account.objects.none(),
        empty_label=None,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = list(Account.objects.visible_to(user).order_by("name", "pk")[:2])
        if len(accounts) == 1:
            self.only_account: Account | None = accounts[0]
            del self.fields["account"]
            return
        self.only_account = None
        field = self.fields["account"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Account.objects.visible_to(user).order_by("name", "pk")

    def account_chosen(self) -> Account:
        """After is_valid()."""
        return self.only_account or self.cleaned_data["account"]

    def refuse(self, refused: Refused) -> None:
        """Show a service's answer at the field it speaks of, or on top of the form."""
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)


class DomainDeleteForm(forms.Form):
    """The name once more, so that nobody deletes a domain by a slip."""

    name = forms.CharField(
        label=_("Type the domain’s name to delete it"),
        error_messages={"required": _("Type the name, so that this is not a slip.")},
        widget=forms.TextInput(
            attrs={
                "class": "mono",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )

    def __init__(self, *args: Any, domain: Domain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain

    def clean_name(self) -> str:
        """Any form of the right name will do."""
        typed = self.cleaned_data["name"]
        try:
            name, _display = names.normalise_domain(typed)
        except Refused:
            name = ""
        if name != self.domain.name:
            raise ValidationError(
                _("That is not this domain. Type %(name)s."), params={"name": self.domain.display_name}
            )
        return name
