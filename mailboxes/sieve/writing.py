"""Sieve made from values, never from text: commands of sievelib, which writes them out.

Every string that a person typed passes ``_string``: quoted as RFC 5228 §2.4.2 has it, and with ``${…}``
disarmed, which the variables extension would replace (RFC 5229 §3)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from sievelib import commands, tools

from mailboxes.sieve.composing import Section


class Tag(str):
    """``:copy`` and the like."""


class Kilo(int):
    """KiB (RFC 5228 §2.4.1)."""


class Raw(str):
    """A string of ours, with variables in it that shall be replaced."""


class HeaderCommand(commands.HeaderCommand):  # type: ignore[misc]  # no types
    """With the mime extension (RFC 5703 §4)."""

    args_definition = [
        {"name": "mime", "type": ["tag"], "values": [":mime"], "extension": "mime", "required": False},
        {"name": "anychild", "type": ["tag"], "values": [":anychild"], "required": False},
        {"name": "mime-part", "type": ["tag"], "values": [":type"], "required": False},
        *commands.HeaderCommand.args_definition,
    ]


class StringCommand(commands.TestCommand):  # type: ignore[misc]  # no types
    """RFC 5229 §5."""

    extension = "variables"
    args_definition = [
        commands.match_type,
        {"name": "source", "type": ["string", "stringlist"], "required": True},
        {"name": "key-list", "type": ["string", "stringlist"], "required": True},
    ]


class ExecuteCommand(commands.TestCommand):  # type: ignore[misc]  # no types
    """Pigeonhole's: true when the program ends with status 0."""

    extension = "vnd.dovecot.execute"
    args_definition = [
        {"name": "program", "type": ["string"], "required": True},
        {"name": "arguments", "type": ["stringlist"], "required": True},
    ]


commands.add_commands([HeaderCommand, StringCommand, ExecuteCommand])

Command = Any
"""A commands.Command; sievelib has no types."""
_OF_TAGS = {
    ":copy": "copy",
    ":create": "mailbox",
    ":value": "relational",
    ":count": "relational",
    ":mime": "mime",
}
DOLLAR = "dollar"


def make(name: str, *arguments: Any) -> Command:
    """A command or test. Arguments as in a script: Tag, int, text, a sequence of texts, tests."""
    command = commands.get_command_instance(name, checkexists=False)
    for argument in arguments:
        kind, value = _argument(argument)
        command.check_next_arg(kind, value, check_extension=False)
    return command


def block(test: Command, *inside: Command) -> Command:
    """``if test { inside }``."""
    command = make("if", test)
    for child in inside:
        command.addchild(child)
    return command


def all_of(tests: Sequence[Command]) -> Command:
    return tests[0] if len(tests) == 1 else make("allof", *tests)


def any_of(tests: Sequence[Command]) -> Command:
    return tests[0] if len(tests) == 1 else make("anyof", *tests)


def negated(test: Command) -> Command:
    return make("not", test)


def section(order: int, commands_: Sequence[Command]) -> Section:
    """What ``commands_`` come to, with all that they need."""
    requires = frozenset(_requires(commands_))
    out = io.StringIO()
    if "variables" in requires:
        make("set", DOLLAR, "$").tosieve(target=out)
    for command in commands_:
        command.tosieve(target=out)
    return Section(order=order, body=out.getvalue(), requires=requires)


def _argument(value: Any) -> tuple[str, Any]:
    if isinstance(value, commands.Command):
        return "test", value
    if isinstance(value, Tag):
        return "tag", str(value)
    if isinstance(value, int):
        return "number", f"{value}K" if isinstance(value, Kilo) else str(value)
    if isinstance(value, str):
        return "string", _string(value)
    return "stringlist", [_string(one) for one in value]


def _string(value: str) -> str:
    if isinstance(value, Raw):
        return str(tools.quote(str(value)))
    return str(tools.quote(value.replace("${", "${" + DOLLAR + "}{")))


def _requires(commands_: Iterable[Command]) -> Iterable[str]:
    for command in commands_:
        for one in command.walk():
            if one.extension:
                yield one.extension
            for value in [*one.arguments.values(), *one.extra_arguments.values()]:
                yield from _of_value(value)


def _of_value(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        if value in _OF_TAGS:
            yield _OF_TAGS[value]
        if "${" in value:
            yield "variables"
    elif isinstance(value, list):
        for one in value:
            if isinstance(one, str):
                yield from _of_value(one)
