"""The rule builder: rows of conditions and of actions. A row where nothing is chosen does not count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.errors import Refused
from mailboxes.filters import rules
from mailboxes.filters.rules import Action, Condition
from mailboxes.forms import ServiceForm
from mailboxes.models import Filter, Match

_MARK = f"{rules.MARK}:"
NEW = ""


def _doings() -> list[tuple[str, Any]]:
    marks = [(_MARK + mark, _("Mark as %(mark)s") % {"mark": label}) for mark, label in rules.MARKS.items()]
    others = [(do, label) for do, label in rules.ACTIONS.items() if do != rules.MARK]
    return [("", _("Nothing more")), *others[:3], *marks, *others[3:]]


class ConditionForm(forms.Form):
    field = forms.ChoiceField(
        label=gettext_lazy("Look at"),
        required=False,
        choices=[("", gettext_lazy("Nothing more")), *rules.FIELDS.items()],
    )
    operator = forms.ChoiceField(
        label=gettext_lazy("How"), required=False, choices=list(rules.OPERATORS.items())
    )
    value = forms.CharField(
        label=gettext_lazy("Text or size"), required=False, max_length=rules.MOST_CHARACTERS, strip=False
    )

    def is_empty(self) -> bool:
        return not self.cleaned_data.get("field")

    def condition(self) -> Condition:
        data = self.cleaned_data
        return Condition(
            field=data["field"], operator=data.get("operator", ""), value=data.get("value") or ""
        )


class ActionForm(forms.Form):
    do = forms.ChoiceField(label=gettext_lazy("Do"), required=False, choices=_doings)
    folder = forms.ChoiceField(label=gettext_lazy("Folder"), required=False)
    value = forms.CharField(
        label=gettext_lazy("New folder, address or words"),
        required=False,
        max_length=rules.MOST_CHARACTERS,
        strip=False,
    )

    def __init__(self, *args: Any, folders: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        folder = self.fields["folder"]
        assert isinstance(folder, forms.ChoiceField)  # noqa: S101 - for the type checker
        # What was saved is offered even if the folder is gone, or the mail server does not answer.
        given = str(self.data.get(self.add_prefix("folder"), "") or self.initial.get("folder", ""))
        names = [*folders, *([given] if given and given not in folders else [])]
        folder.choices = [(NEW, _("A new one: write its name")), *((name, name) for name in names)]

    def is_empty(self) -> bool:
        return not self.cleaned_data.get("do")

    def action(self) -> Action:
        data = self.cleaned_data
        do, value = data["do"], data.get("value") or ""
        if do.startswith(_MARK):
            return Action(do=rules.MARK, value=do.removeprefix(_MARK))
        if do in (rules.FOLDER, rules.COPY):
            return Action(do=do, value=data.get("folder") or value)
        return Action(do=do, value=value)


class FilterForm(ServiceForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("Only for you, such as “Invoices”."),
        error_messages={"required": gettext_lazy("Write a name, such as “Invoices”.")},
    )
    match = forms.ChoiceField(
        label=gettext_lazy("The mail must fit"), choices=Match.choices, widget=forms.RadioSelect
    )
    stop = forms.BooleanField(
        label=gettext_lazy("No later filter looks at a mail that this one caught"), required=False
    )
    enabled = forms.BooleanField(label=gettext_lazy("On"), required=False)


class Builder:
    """The form with its rows. ``folders``: names that exist now."""

    def __init__(
        self, data: QueryDict | None = None, *, row: Filter | None = None, folders: Sequence[str] = ()
    ) -> None:
        self.folders = folders
        if data is not None:
            self.form = FilterForm(data)
            self.conditions = [self._condition(data, at) for at in range(_rows(data, "conditions"))]
            self.actions = [self._action(data, at) for at in range(_rows(data, "actions"))]
        else:
            self._begin(row)

    def add(self, part: str) -> None:
        """One more empty row."""
        if part == "conditions" and len(self.conditions) < rules.MOST_CONDITIONS:
            self.conditions.append(self._condition(None, len(self.conditions)))
        if part == "actions" and len(self.actions) < rules.MOST_ACTIONS:
            self.actions.append(self._action(None, len(self.actions)))

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(one.is_valid() for one in [*self.conditions, *self.actions])])

    def values(self) -> dict[str, Any]:
        """For services.filter_save."""
        filled = [one for one in self.conditions if not one.is_empty()]
        done = [one for one in self.actions if not one.is_empty()]
        return {
            **self.form.cleaned_data,
            "conditions": [one.condition() for one in filled],
            "actions": [one.action() for one in done],
        }

    def refuse(self, refused: Refused) -> None:
        """At its row: ``conditions.1.value`` counts the filled ones."""
        part, _dot, rest = refused.field.partition(".")
        place, _dot, field = rest.partition(".")
        forms_: Mapping[str, list[Any]] = {"conditions": self.conditions, "actions": self.actions}
        filled = [one for one in forms_.get(part, []) if not one.is_empty()]
        if place.isdecimal() and int(place) < len(filled):
            form = filled[int(place)]
            form.add_error(field if field in form.fields else None, refused.message)
        else:
            self.form.refuse(refused)

    def _begin(self, row: Filter | None) -> None:
        names = ("name", "match", "stop", "enabled")
        start = {name: getattr(row, name) for name in names} if row else {"match": "all"}
        self.form = FilterForm(initial={"stop": True, "enabled": True} | start)
        conditions = rules.conditions_of(row.conditions) if row else []
        actions = rules.actions_of(row.actions) if row else []
        self.conditions = [
            self._condition(None, at, {"field": one.field, "operator": one.operator, "value": _shown(one)})
            for at, one in enumerate(conditions)
        ]
        self.actions = [self._action(None, at, _given(one)) for at, one in enumerate(actions)]
        # What most filters are.
        if not conditions:
            self.conditions = [self._condition(None, 0, {"field": rules.FROM, "operator": rules.CONTAINS})]
        if not actions:
            self.actions = [self._action(None, 0, {"do": rules.FOLDER})]

    def _condition(
        self, data: QueryDict | None, at: int, initial: dict[str, Any] | None = None
    ) -> ConditionForm:
        return ConditionForm(data, prefix=f"conditions-{at}", initial=initial or {})

    def _action(self, data: QueryDict | None, at: int, initial: dict[str, Any] | None = None) -> ActionForm:
        return ActionForm(data, prefix=f"actions-{at}", initial=initial or {}, folders=self.folders)


def _rows(data: QueryDict, part: str) -> int:
    most = rules.MOST_CONDITIONS if part == "conditions" else rules.MOST_ACTIONS
    first = "field" if part == "conditions" else "do"
    return max([at + 1 for at in range(most) if f"{part}-{at}-{first}" in data], default=1)


def _shown(condition: Condition) -> str:
    return f"{condition.value} KB" if condition.field == rules.SIZE else condition.value


def _given(action: Action) -> dict[str, str]:
    if action.do == rules.MARK:
        return {"do": _MARK + action.value}
    if action.do in (rules.FOLDER, rules.COPY):
        return {"do": action.do, "folder": action.value}
    return {"do": action.do, "value": action.value}
