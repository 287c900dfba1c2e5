"""What people say about who is in an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import RANK
from accounts.models import Account, Domain, Membership
from lib.errors import Refused
from lib.twice import NotTwice

Role = Membership.Role
# In the order of what they may do; each says it.
ROLES = [
    (Role.OWNER, _("Owner: everything, other owners included")),
    (Role.MANAGER, _("Manager: everything but making owners")),
    (Role.CREATOR, _("Mailbox creator: makes mailboxes and sets passwords, reads no mail settings")),
    (Role.READER, _("Read only: sees everything, changes nothing")),
]
ALL, SOME = "all", "some"


class PlaceForm(NotTwice, forms.Form):
    """A role and how far it reaches. ``rank``: the highest role that is offered."""

    role = forms.ChoiceField(
        label=_("Role"), widget=forms.RadioSelect, error_messages={"required": _("Choose a role.")}
    )
    reach = forms.ChoiceField(
        label=_("For"),
        choices=[(ALL, _("All domains, later ones too")), (SOME, _("Only the domains ticked below"))],
        initial=ALL,
        widget=forms.RadioSelect,
        help_text=_("An owner is always for all domains."),
    )
    domains = forms.ModelMultipleChoiceField(
        label=_("Domains"),
        queryset=Domain.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, account: Account, rank: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role, domains = self.fields["role"], self.fields["domains"]
        assert isinstance(role, forms.ChoiceField)  # noqa: S101 - for the type checker
        assert isinstance(domains, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker
        role.choices = [(value, label) for value, label in ROLES if RANK[value] <= rank]
        domains.queryset = Domain.objects.filter(account=account).order_by("name")

    def values(self) -> dict[str, Any]:
        """What the services take; after is_valid()."""
        given = self.cleaned_data
        return {
            "role": given["role"],
            "all_domains": given["reach"] == ALL,
            "domains": list(given["domains"]) if given["reach"] == SOME else [],
        }

    def refuse(self, refused: Refused) -> None:
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)


class InviteForm(PlaceForm):
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The invitation goes there. They sign in with it, so it should be theirs alone."),
        error_messages={
            "required": _("Type the address of the person, like ana@example.com."),
            "invalid": _("Type a whole e-mail address, like ana@example.com."),
        },
        widget=forms.EmailInput(
            attrs={"class": "mono", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    field_order = ["email", "role", "reach", "domains"]

    def values(self) -> dict[str, Any]:
        return super().values() | {"email": self.cleaned_data["email"]}


class NewPersonForm(forms.Form):
    """Behind an invitation's link."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        error_messages={"required": _("Type your name: the others in the account see it.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=1000,
        help_text=_("At least 10 characters. Four words are strong and easy to type."),
        error_messages={"required": _("Choose a password of at least 10 characters.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def refuse(self, refused: Refused) -> None:
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)
