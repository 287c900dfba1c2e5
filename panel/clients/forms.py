"""What is typed about plans and clients. The services have the last word; what they refuse comes back at its
field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from accounts.limits import limits_of
from accounts.limits.wording import amount, label
from accounts.models import Account, Plan
from accounts.models.limits import FEATURES, LIMITS, MOST
from lib.errors import Refused
from lib.sizes import read_mb, written
from lib.twice import NotTwice

SIZES = frozenset({"storage_mb", "mailbox_mb"})
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
_FRACTION = re.compile(r"[+-]?[0-9]*[.,][0-9]+", re.ASCII)
_HINTS = {
    "max_domains": __("Those that wait for proof count too."),
    "storage_mb": __("Given out to mailboxes in sum, such as 20 GB."),
    "mailbox_mb": __("The most that one mailbox may hold, such as 5 GB."),
    "sends_per_hour": __("By all mailboxes together."),
    "log_days": __(
        "How long messages, sign-ins and log lines can be followed. Older ones are hidden at once, and"
        " deleted when no plan here keeps them any longer. Alerts stay for 90 days, counts in charts for 400."
    ),
    "external_forwarding": __("Mail passed on to addresses elsewhere."),
    "dns_editing": __("Off: DNS can be read and not changed."),
}


class ServiceForm(NotTwice, forms.Form):
    """A form whose last word has a service."""

    def refuse(self, refused: Refused) -> None:
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)


class NumberField(forms.CharField):
    """A limit: digits alone, from 1 to the most; a size with its unit. What is wrong is said exactly."""

    def __init__(self, limit: str) -> None:
        self.limit = limit
        attrs = {"class": "mono short", "autocomplete": "off", "spellcheck": "false"}
        if limit not in SIZES:
            attrs["inputmode"] = "numeric"
        super().__init__(
            label=label(limit),
            help_text=str(_HINTS.get(limit, "")),
            error_messages={"required": _("Write a number; there is no “unlimited”.")},
            widget=forms.TextInput(attrs=attrs),
        )

    def clean(self, value: Any) -> int:
        text = str(super().clean(value))
        try:
            return self._size(text) if self.limit in SIZES else self._number(text)
        except Refused as refused:
            raise forms.ValidationError(refused.message) from None

    @property
    def _most(self) -> str:
        return _("More than %(most)s is not possible. Write less.") % {
            "most": amount(self.limit, MOST[self.limit])
        }

    def _size(self, text: str) -> int:
        small = _("At least 1 MB, please. Write a size such as 20 GB.")
        return read_mb(text, field=self.limit, too_small=small, too_large=self._most, most=MOST[self.limit])

    def _number(self, text: str) -> int:
        if _FRACTION.fullmatch(text):
            raise Refused(_("A whole number, please: digits alone, such as 250."))
        if not _WHOLE.fullmatch(text):
            raise Refused(_("Digits alone, please, such as 250."))
        number = int(text)
        if number < 1:
            raise Refused(_("At least 1, please."))
        if number > MOST[self.limit]:
            raise Refused(self._most)
        return number


class LimitsForm(ServiceForm):
    """Every number and every feature of models.limits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in MOST:
            self.fields[name] = NumberField(name)
        for name in FEATURES:
            self.fields[name] = forms.BooleanField(
                label=label(name), help_text=str(_HINTS.get(name, "")), required=False
            )

    @staticmethod
    def shown(source: Any) -> dict[str, Any]:
        """The limits of a plan or an account as the fields show them."""
        values = limits_of(source)
        return values | {name: written(values[name]) for name in SIZES}

    @property
    def limits(self) -> dict[str, Any]:
        """After is_valid()."""
        return {name: self.cleaned_data[name] for name in LIMITS}

    @cached_property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in MOST]

    @cached_property
    def features(self) -> list[forms.BoundField]:
        return [self[name] for name in FEATURES]


class PlanForm(LimitsForm):
    name = forms.CharField(
        label=__("Name"),
        max_length=80,
        error_messages={"required": __("Give the plan a name, such as “Small”.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NameForm(ServiceForm):
    name = forms.CharField(label=__("Name of the copy"), max_length=80)


def _plan_field() -> forms.ModelChoiceField[Plan]:
    return forms.ModelChoiceField(
        label=__("Plan"),
        queryset=Plan.objects.none(),
        empty_label=__("Choose a plan"),
        error_messages={
            "required": __("Choose a plan."),
            "invalid_choice": __("That plan is not there. Choose another one."),
        },
    )


class _WithPlans(ServiceForm):
    """Offers the plans of ``reseller`` alone."""

    plan = _plan_field()

    def __init__(self, *args: Any, reseller: Account | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["plan"]
        if reseller is not None:
            field.help_text = _("Its limits come out of your pool at once.")
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Plan.objects.filter(reseller=reseller).order_by("name")


class ClientForm(_WithPlans):
    """A new client; its owner gets an invitation and chooses the password."""

    field_order = ["name", "plan", "owner_email"]

    name = forms.CharField(
        label=__("Client’s name"),
        help_text=__("The company or the person, as lists show it."),
        max_length=120,
        error_messages={"required": __("Write the client’s name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    owner_email = forms.EmailField(
        label=__("Owner’s e-mail address"),
        help_text=__("Gets an invitation, chooses a password and signs in with this address."),
        error_messages={
            "required": __("Write the owner’s address."),
            "invalid": __("Write a whole e-mail address, like ana@example.com."),
        },
        widget=forms.EmailInput(attrs={"class": "mono", "autocomplete": "off"}),
    )


class MoveForm(_WithPlans):
    """Another plan for one client or many."""


class OwnForm(LimitsForm):
    """Limits of the client's own, instead of a plan's."""


class ClientNameForm(ServiceForm):
    name = forms.CharField(
        label=__("Client’s name"),
        max_length=120,
        error_messages={"required": __("Write the client’s name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ActForm(ServiceForm):
    reason = forms.CharField(
        label=__("Reason"),
        help_text=__("The client reads it in the history."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DeleteForm(ServiceForm):
    """The name once more, so that nobody deletes a client by a slip."""

    name = forms.CharField(
        label=__("Type the client’s name to delete it"),
        error_messages={"required": __("Type the name, so that this is not a slip.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, account: Account) -> None:
        super().__init__(data)
        self.account = account

    def clean_name(self) -> str:
        typed = " ".join(self.cleaned_data["name"].split())
        if typed.casefold() != self.account.name.casefold():
            text = _("That is not this client. Type %(name)s.")
            raise forms.ValidationError(text % {"name": self.account.name})
        return typed
