"""The forms of what spans the apps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.access import Right, accounts_where, is_provider, require_somewhere
from accounts.domains import proof_at_hand
from accounts.models import Account, Domain, User
from lib import names
from lib.errors import Refused
from lib.twice import NotTwice
from provision.models import Node
from provision.selectors import mail_nodes


class DomainForm(NotTwice, forms.Form):
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

    consent = forms.BooleanField(
        label=_("The owner of the domain above or below agrees"),
        help_text=_("Only needed when the name touches a domain of another account."),
        required=False,
    )
    node = forms.ModelChoiceField(
        label=_("Mail server"),
        help_text=_("Empty: the one with the fewest domains, of the pool that the plan names."),
        queryset=Node.objects.none(),
        empty_label=_("The emptiest"),
        required=False,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Raises Denied for who may add domains nowhere."""
        super().__init__(*args, **kwargs)
        require_somewhere(user, Right.DOMAINS)
        rows = accounts_where(user, Right.DOMAINS).filter(deleted_at__isnull=True)
        rows = rows.select_related("reseller").order_by("name", "pk")
        if not is_provider(user):
            del self.fields["consent"]
        self._nodes_offered(user)
        few = list(rows[:2])
        self.only_account: Account | None = few[0] if len(few) == 1 else None
        self.at_once = is_provider(user)
        field = self.fields["account"]
        if self.only_account:
            del self.fields["account"]
        elif isinstance(field, forms.ModelChoiceField):
            field.queryset = rows

    def _nodes_offered(self, user: User) -> None:
        """To the provider, where there is a choice."""
        nodes = mail_nodes().order_by("name") if is_provider(user) else Node.objects.none()
        field = self.fields["node"]
        if len(nodes) < 2:
            del self.fields["node"]
        elif isinstance(field, forms.ModelChoiceField):
            field.queryset = nodes

    @property
    def waits(self) -> bool:
        """Whether what is added here has to be proved first, as far as that is sure before it is typed."""
        account = self.only_account
        return bool(account and not self.at_once and not proof_at_hand(actor=None, account=account, name=""))

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
