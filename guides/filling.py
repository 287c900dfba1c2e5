"""A program's guide with one mailbox's values in it. Pure: no Django model, no request.

Texts of a program are ours and may hold Markdown within a line; values are anybody's and are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from guides.catalog import LANGUAGES, VALUE, Program, Row, Step, Trouble, Window, Words
from guides.clientconfig import ClientConfig, Encryption, Protocol, Server

DOTS = "••••••••••"
COPIED = ("address", "in.host", "in.port", "in.username", "out.host", "out.port", "out.username", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledRow:
    """As guides.catalog.Row, in one language. ``tabs``: (label, whether it is the open one)."""

    kind: str
    label: str
    value: str
    mark: bool
    on: bool
    tabs: Sequence[tuple[str, bool]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledButton:
    label: str
    press: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledWindow:
    """``says``: the whole picture in words. ``left``, ``right``: buttons of its bar."""

    look: str
    title: str
    rows: Sequence[FilledRow]
    left: Sequence[FilledButton]
    right: Sequence[FilledButton]
    buttons: Sequence[FilledButton]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A value with a copy button, and what it is."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledStep:
    text: SafeString
    otherwise: SafeString
    copied: Sequence[Copied]
    windows: Sequence[FilledWindow]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTrouble:
    says: SafeString
    do: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What a page shows. ``name``, ``systems``, ``summary``: in the reader's language."""

    program: Program
    protocol: str
    name: str
    systems: str
    summary: SafeString
    checked: str
    steps: Sequence[FilledStep]
    troubles: Sequence[FilledTrouble]

    @property
    def quick(self) -> str:
        """The way without typing for this protocol: left to themselves, programs choose IMAP."""
        alone = self.program.quick in {"autoconfig", "autodiscover", "qr"}
        return "" if self.protocol == "pop3" and alone else self.program.quick


def fill(
    program: Program, *, config: ClientConfig, protocol: str, provider: str, language: str
) -> Guide | None:
    """``protocol``: ``imap``, ``pop3``, or ``smtp`` for what only sends. ``language``: such as ``es`` or
    ``es-mx``; English where there is none of it. None: the server does not offer what the guide needs."""
    values = _values(program, config=config, protocol=protocol, provider=provider, language=language)
    if values is None:
        return None
    one = _Filler(program, _spoken(language), values)
    return Guide(
        program=program,
        protocol=protocol,
        name=one.words(program.name),
        systems=one.words(program.systems),
        summary=one.prose(program.summary),
        checked=one.words(program.checked),
        steps=[one.step(step) for step in program.steps_for(protocol)],
        troubles=[one.trouble(trouble) for trouble in program.troubles],
    )


def ways_of(program: Program, config: ClientConfig) -> list[str]:
    """What this program can be set up with here, the best first. Never empty."""
    offered = [server.protocol.name.lower() for server in config.servers]
    return [one for one in program.protocols if one in offered] or list(program.protocols[:1])


def named(program: Program, language: str) -> dict[str, str]:
    """For a list of programs: ``name``, ``systems``, ``summary`` without values."""
    spoken = _spoken(language)
    return {
        "name": program.name[spoken],
        "systems": program.systems[spoken],
        "summary": strip_tags(_rendered(program.summary[spoken])),
    }


def full_name(address: str) -> str:
    """A guess for the field "your name": ``ines.carrasco@…`` → ``Ines Carrasco``."""
    local = address.rpartition("@")[0] or address
    return " ".join(word.capitalize() for word in re.split(r"[._\-+]+", local) if word) or local


def _spoken(language: str) -> str:
    short = language.partition("-")[0].lower()
    return short if short in LANGUAGES else LANGUAGES[0]


def _values(
    program: Program, *, config: ClientConfig, protocol: str, provider: str, language: str
) -> dict[str, str] | None:
    local, _at, domain = config.address.rpartition("@")
    found = {
        "address": config.address,
        "local": local,
        "domain": domain,
        "name": full_name(config.address),
        "password": DOTS,
        "provider": provider,
    }
    incoming = Protocol.POP3 if protocol == "pop3" else Protocol.IMAP
    servers = {
        "in": config.server(incoming),
        "imap": config.server(Protocol.IMAP),
        "pop3": config.server(Protocol.POP3),
        "out": config.server(Protocol.SMTP),
        "alt_in": _other(config, incoming),
        "alt_out": _other(config, Protocol.SMTP),
    }
    if servers["out"] is None or (protocol != "smtp" and servers["in"] is None):
        return None
    for name, server in servers.items():
        found |= _of_server(name, server, program, _spoken(language))
    return found


def _other(config: ClientConfig, protocol: Protocol) -> Server | None:
    """With STARTTLS, for programs that cannot do else; where there is none, the one there is."""
    others = (server for server in config.others if server.protocol is protocol)
    return next(others, config.server(protocol))


def _of_server(name: str, server: Server | None, program: Program, language: str) -> dict[str, str]:
    if server is None:
        return {f"{name}.{what}": "—" for what in ("protocol", "host", "port", "security", "username")}
    key = "tls" if server.encryption is Encryption.TLS else "starttls"
    words = program.security.get(key)
    return {
        f"{name}.protocol": server.protocol.value,
        f"{name}.host": server.host,
        f"{name}.port": str(server.port),
        f"{name}.security": words[language] if words else server.encryption.value,
        f"{name}.username": server.username,
    }


class _Filler:
    def __init__(self, program: Program, language: str, values: Mapping[str, str]) -> None:
        self.program, self.language, self.values = program, language, values

    def words(self, words: Words) -> str:
        """Plain text."""
        return VALUE.sub(lambda found: self.values[found[1]], words[self.language])

    def prose(self, words: Words) -> SafeString:
        """Our Markdown, with values as somebody copies them."""
        html = _rendered(words[self.language])
        made = VALUE.sub(lambda found: _code(self.values[found[1]]), html)
        return mark_safe(made)  # noqa: S308  # the text is ours, values are escaped in _code

    def step(self, step: Step) -> FilledStep:
        return FilledStep(
            text=self.prose(step.text),
            otherwise=self.prose(step.otherwise),
            copied=self._copied(step),
            windows=[self.window(window) for window in step.windows],
        )

    def trouble(self, trouble: Trouble) -> FilledTrouble:
        return FilledTrouble(says=self.prose(trouble.says), do=self.prose(trouble.do))

    def window(self, window: Window) -> FilledWindow:
        rows = [self._row(row) for row in window.rows]
        bars: dict[str, list[FilledButton]] = {"": [], "left": [], "right": []}
        for button in window.buttons:
            bars[button.bar].append(FilledButton(label=self.words(button.label), press=button.press))
        title = self.words(window.title)
        every = [*bars["left"], *bars["right"], *bars[""]]
        return FilledWindow(
            look=window.look or self.program.look,
            title=title,
            rows=rows,
            left=bars["left"],
            right=bars["right"],
            buttons=bars[""],
            says=_said(self.words(self.program.name), title, rows, every),
        )

    def _row(self, row: Row) -> FilledRow:
        value = self.words(row.value)
        tabs = [(one.removeprefix("*"), one.startswith("*")) for one in value.split("|")]
        return FilledRow(
            kind=row.kind,
            label=self.words(row.label),
            value=value,
            mark=row.mark,
            on=row.on,
            tabs=tabs if row.kind == "tabs" else (),
        )

    def _copied(self, step: Step) -> list[Copied]:
        """Of a step's own list, then what its windows ask for: each value once."""
        names = [*step.copy]
        for window in step.windows:
            for row in window.rows:
                if row.kind == "code":
                    continue  # copied whole, below the picture
                names += [name for name in VALUE.findall(row.value[self.language]) if name in COPIED]
        labels, same = _labels(), _sides_alike(self.values)
        made: dict[str, Copied] = {}
        for name in names:
            value, what = self.values[name], name.rpartition(".")[2]
            label = labels.get(what if what in same else name) or labels.get(what, value)
            made.setdefault(value, Copied(label=label, value=value))
        return list(made.values())


def _sides_alike(values: Mapping[str, str]) -> set[str]:
    """What incoming and outgoing have in common, of ``host`` and ``port``."""
    return {what for what in ("host", "port") if values[f"in.{what}"] == values[f"out.{what}"]}


def _labels() -> dict[str, str]:
    """By a value's name, and by the last part of it."""
    return {
        "in.host": _("incoming host"),
        "out.host": _("outgoing host"),
        "in.port": _("incoming port"),
        "out.port": _("outgoing port"),
        "address": _("address"),
        "name": _("name"),
        "host": _("host"),
        "port": _("port"),
        "username": _("user name"),
        "security": _("encryption"),
    }


def _said(program: str, title: str, rows: Iterable[FilledRow], buttons: Iterable[FilledButton]) -> str:
    """A drawn window as a sentence."""
    parts = [part for part in map(_row_said, rows) if part]
    parts += [_("Press “%(button)s”.") % {"button": button.label} for button in buttons if button.press]
    head = _("%(program)s shows “%(title)s”.") % {"program": program, "title": title}
    return " ".join([head, *parts])


def _row_said(row: FilledRow) -> str:
    named = {"label": row.label, "value": row.value}
    if row.kind in {"check", "switch", "radio"}:
        return (_("%(label)s: on.") if row.on else _("%(label)s: off.")) % named
    if row.kind == "tabs":
        return " ".join(_("Tab %(label)s.") % {"label": label} for label, here in row.tabs if here)
    if row.kind in {"item", "link"} and row.mark:
        return _("Choose “%(label)s”.") % named
    if row.label and row.value:
        return _("%(label)s: %(value)s.") % named
    return f"{row.label or row.value}." if row.label or row.value else ""


def _code(value: str) -> str:
    return format_html('<code class="addr">{}</code>', value)


@lru_cache(maxsize=4096)
def _rendered(text: str) -> str:
    return str(_markdown().renderInline(text))


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})
