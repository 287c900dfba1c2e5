"""Settings and lists as Sieve (RFC 5228), for the scripts of mailboxes and domains.

rspamd scores a mail and marks it (deploy/rspamd/rules.lua): ``X-Spam``, ``X-Spam-Level`` with a star for
each point, ``X-Spam-Proven`` with the author's address when its domain says that it sent it. The domain's
script comes first and puts these marks right for its mailboxes, then the mailbox's own puts them right for
itself (RFC 5293). So what comes after (forwarding, the autoresponder, filters, the user's own script) finds
one truth: ``X-Spam: Yes``. What then nobody has put anywhere, deploy/dovecot/after.sieve does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from mailboxes.models import (
    DomainListEntry,
    DomainSpam,
    Mailbox,
    MailboxListEntry,
    MailboxSpam,
    MailDomain,
)
from mailboxes.models.spam import ListEntry, SpamSettings
from mailboxes.sieve.composing import LISTS, Section

REQUIRES = frozenset({"editheader", "envelope", "fileinto", "mailbox"})
MARKS = ("X-Spam", "X-Spam-Do", "X-Spam-List")
# Discarded and held mail goes no further: it is neither forwarded nor answered.
ACTS = """if header :is "X-Spam-Do" "discard" {
  discard;
  stop;
} elsif header :is "X-Spam-Do" "quarantine" {
  fileinto :create "Quarantine";
  stop;
}"""


def section(settings: SpamSettings | None, entries: Sequence[ListEntry], *, acts: bool) -> Section:
    """``acts``: a mailbox's own; a domain's only marks, so that its mailboxes have the last word."""
    branches = [(_test(group), _marked(**marks)) for group, marks in _groups(entries) if group]
    score = _score(settings) if settings else []
    lines = ["# Spam: lists of senders, and the line from which on mail is taken for it."]
    for place, (test, body) in enumerate(branches):
        lines += [f"{'if' if place == 0 else '} elsif'} {test} {{", *_indented(body)]
    if score and branches:
        lines += ['} elsif not exists "X-Spam-List" {', *_indented(score)]
    elif score:
        lines += ['if not exists "X-Spam-List" {', *_indented(score)]
    if branches or score:
        lines.append("}")
    if acts:
        lines.append(ACTS)
    return Section(order=LISTS, body="\n".join(lines), requires=REQUIRES)


def _groups(entries: Iterable[ListEntry]) -> list[tuple[list[ListEntry], dict[str, str]]]:
    """Who is on both lists is welcome: the allowed come first."""
    rows = list(entries)
    allowed = [row for row in rows if row.kind == ListEntry.Kind.ALLOW]
    denied = [row for row in rows if row.kind == ListEntry.Kind.DENY]
    return [
        (allowed, {"spam": "No", "listed": "allowed"}),
        ([row for row in denied if row.drops], {"spam": "Yes", "listed": "denied", "do": "discard"}),
        ([row for row in denied if not row.drops], {"spam": "Yes", "listed": "denied"}),
    ]


def _marked(*, spam: str, listed: str, do: str = "") -> list[str]:
    lines = [f'deleteheader "{name}";' for name in MARKS]
    lines += [f'addheader "X-Spam" "{spam}";', f'addheader "X-Spam-List" "{listed}";']
    return lines + ([f'addheader "X-Spam-Do" "{do}";'] if do else [])


def _score(settings: SpamSettings) -> list[str]:
    """A mail that rspamd never saw keeps what it has."""
    do = {SpamSettings.Does.QUARANTINE: "quarantine", SpamSettings.Does.MARK: "keep"}.get(
        SpamSettings.Does(settings.does), ""
    )
    lines = ['if exists "X-Spam-Score" {', '  deleteheader "X-Spam";', '  deleteheader "X-Spam-Do";']
    word = "if"
    for stars, what in ((settings.quarantine_from, "quarantine"), (settings.threshold, do)):
        if stars:
            lines += [f'  {word} header :contains "X-Spam-Level" "{"*" * stars}" {{']
            lines += ['    addheader "X-Spam" "Yes";']
            lines += [f'    addheader "X-Spam-Do" "{what}";'] if what else []
            word = "} elsif"
    return [*lines, "  } else {", '    addheader "X-Spam" "No";', "  }", "}"]


def _test(entries: Sequence[ListEntry]) -> str:
    """Allowed ones by who they are proven to be, unless the entry says otherwise; denied ones by what it
    says, in its head or on its envelope."""
    proven = [row.sender for row in entries if row.kind == ListEntry.Kind.ALLOW]
    named = [row.sender for row in entries if row.kind == ListEntry.Kind.DENY or row.unproven]
    tests = [
        *_matches('header :{} "X-Spam-Proven"', proven),
        *_matches('address :{} :all "From"', named),
        *_matches('envelope :{} :all "from"', [row.sender for row in entries if row.kind == "deny"]),
    ]
    return f"anyof ({', '.join(tests)})" if len(tests) > 1 else tests[0]


def _matches(test: str, senders: Iterable[str]) -> list[str]:
    """``test`` with its match type open, for addresses (:is) and for patterns (:matches)."""
    whole: list[str] = []
    patterns: list[str] = []
    for sender in senders:
        if sender.startswith("*."):
            patterns.append(f"*@*{sender[1:]}")
        elif sender.startswith("@"):
            patterns.append(f"*{sender}")
        else:
            whole.append(sender)
    found = [("is", whole), ("matches", patterns)]
    return [f"{test.format(word)} {_texts(values)}" for word, values in found if values]


def _texts(values: Iterable[str]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"


def _text(value: str) -> str:
    """RFC 5228 §2.4.2."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


class SpamContributor:
    """For mailboxes.sieve.composing."""

    def for_mailboxes(self, mailboxes: Sequence[Mailbox]) -> dict[int, Section]:
        return _sections([row.pk for row in mailboxes], MailboxSpam, MailboxListEntry, acts=True)

    def for_domains(self, mail_domains: Sequence[MailDomain]) -> dict[int, Section]:
        return _sections([row.pk for row in mail_domains], DomainSpam, DomainListEntry, acts=False)


def _sections(
    keys: Sequence[int], settings_of: type[Any], entries_of: type[Any], *, acts: bool
) -> dict[int, Section]:
    settings = {row.owner_id: row for row in settings_of.objects.filter(owner__in=keys)}
    entries: dict[int, list[ListEntry]] = defaultdict(list)
    for row in entries_of.objects.filter(owner__in=keys).order_by("sender"):
        entries[row.owner_id].append(row)
    return {
        key: section(settings.get(key), entries.get(key, []), acts=acts)
        for key in keys
        if key in settings or key in entries
    }
