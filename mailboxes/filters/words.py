"""Filters in plain words, for lists."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lib.quotes import quoted
from lib.templatetags.ui import size
from mailboxes.filters import rules
from mailboxes.filters.rules import Action, Condition
from mailboxes.models import Filter


def conditions_words(row: Filter) -> list[str]:
    return [_condition(condition) for condition in rules.conditions_of(row.conditions)]


def actions_words(row: Filter, waiting: set[str]) -> list[str]:
    """``waiting``: addresses outside that have not said yes."""
    return [_action(action, waiting) for action in rules.actions_of(row.actions)]


def _condition(condition: Condition) -> str:
    field, operator = rules.FIELDS[condition.field], rules.OPERATORS[condition.operator]
    if condition.operator in (rules.YES, rules.NO):
        return f"{field} {operator}"
    value = _size(condition.value) if condition.field == rules.SIZE else quoted(condition.value)
    return f"{field} {operator} {value}"


def _size(kilobytes: str) -> str:
    return size(int(kilobytes) * 1024)


def _action(action: Action, waiting: set[str]) -> str:
    do = rules.ACTIONS[action.do]
    if action.do == rules.DISCARD:
        return str(do)
    if action.do == rules.MARK:
        return f"{do} {rules.MARKS[action.value]}"
    if action.value in waiting and action.do == rules.FORWARD:
        return _("%(do)s %(address)s, once they say yes by the link in their mail") % {
            "do": do,
            "address": action.value,
        }
    return f"{do} {quoted(action.value)}"
