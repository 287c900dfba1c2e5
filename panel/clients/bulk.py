"""One change of many clients: suspended, let go again, moved to another plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from accounts.clients import clients_move
from accounts.clients.plans import Preview, preview
from accounts.limits import limits_of
from accounts.models import Account
from accounts.suspension import resume, suspend
from accounts.suspension.form import SuspendForm
from panel.clients.forms import MoveForm, ServiceForm

MOST = 200
ACTIONS = [("suspend", __("Suspend")), ("resume", __("Resume")), ("move", __("Move to a plan"))]


class BulkForm(ServiceForm):
    """What is ticked, and what is to be done with it. Others' clients are no choice."""

    action = forms.ChoiceField(choices=ACTIONS, error_messages={"required": __("Choose what to do.")})
    chosen = forms.ModelMultipleChoiceField(
        queryset=Account.objects.none(),
        error_messages={
            "required": __("No client was chosen. Tick some first."),
            "invalid_choice": __("One of the chosen is not there any more. Look again."),
            "invalid_pk_value": __("One of the chosen is not there any more. Look again."),
        },
    )

    def __init__(self, data: QueryDict, *, clients: QuerySet[Account], reseller: Account) -> None:
        super().__init__(data)
        self.reseller = reseller
        field = self.fields["chosen"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = clients.filter(deleted_at__isnull=True).order_by("name", "pk")

    def clean_chosen(self) -> list[Account]:
        chosen = list(self.cleaned_data["chosen"][: MOST + 1])
        if len(chosen) > MOST:
            text = ngettext("Choose %(n)d at most.", "Choose %(n)d at most.", MOST)
            raise forms.ValidationError(text % {"n": MOST})
        return chosen

    @property
    def action_chosen(self) -> str:
        return str(self.cleaned_data["action"])

    @property
    def rows(self) -> list[Account]:
        found: list[Account] = self.cleaned_data["chosen"]
        return found

    def asked(self, data: QueryDict) -> ServiceForm | SuspendForm:
        """What more is to be known; bound once it was asked."""
        bound = data if "sure" in data or data.get("plan") else None
        if self.action_chosen == "move":
            return MoveForm(bound, reseller=self.reseller)
        if self.action_chosen == "suspend":
            return SuspendForm(data if "sure" in data else None)
        return ServiceForm(data)

    @staticmethod
    def sure(data: QueryDict, seen: Preview | None) -> bool:
        """Whether the person has been asked; of a move: whether this is the plan that they looked at."""
        return data.get("sure") == seen.digest if seen else "sure" in data

    def preview(self, asked: ServiceForm | SuspendForm) -> Preview | None:
        """For a move: who would be over the plan."""
        if self.action_chosen != "move" or not asked.is_bound or not asked.is_valid():
            return None
        plan = asked.cleaned_data["plan"]
        return preview(self.reseller, self.rows, limits_of(plan))


@transaction.atomic
def perform(actor: Any, form: BulkForm, asked: ServiceForm | SuspendForm) -> str:
    """What was done, in words. All of them or none."""
    rows = sorted(form.rows, key=lambda account: account.pk)
    if form.action_chosen == "move":
        clients_move(actor=actor, accounts=rows, plan=asked.cleaned_data["plan"])
        text = ngettext("%(n)d client has the plan now.", "%(n)d clients have the plan now.", len(rows))
    elif form.action_chosen == "suspend":
        for account in rows:
            suspend(actor=actor, target=account, **asked.cleaned_data)
        text = ngettext("%(n)d client is suspended.", "%(n)d clients are suspended.", len(rows))
    else:
        for account in rows:
            resume(actor=actor, target=account)
        text = ngettext("%(n)d client works again.", "%(n)d clients work again.", len(rows))
    return text % {"n": len(rows)}
