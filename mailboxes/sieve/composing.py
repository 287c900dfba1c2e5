"""One script for each mailbox, address or domain, out of what each subject adds: lists of senders,
forwarding, the autoresponder, filters.

A subject registers a Contributor in ``AppConfig.ready`` and calls ``scripts_wanted`` (or
``domain_script_wanted``) in its services after a change; this module knows none of them by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mailboxes.models import Mailbox, MailDomain
from nodeagent import contract
from provision.services import Wanted

LISTS, SPAM, FORWARDING, FILTERS, AUTORESPONDER = 10, 20, 30, 40, 50
"""The order in a script. The autoresponder is last: it does not answer what a filter discards or refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """``body``: commands, without ``require``. ``requires``: the extensions they need (RFC 5228 §3.2)."""

    order: int
    body: str
    requires: frozenset[str] = field(default_factory=frozenset)


class Contributor(Protocol):
    """Each in one query, however many rows; those that have nothing to add are left out."""

    def for_mailboxes(self, mailboxes: Sequence[Mailbox]) -> dict[int, Section]: ...

    def for_domains(self, mail_domains: Sequence[MailDomain]) -> dict[int, Section]: ...


_contributors: list[Contributor] = []


def register(contributor: Contributor) -> None:
    if not any(type(known) is type(contributor) for known in _contributors):
        _contributors.append(contributor)


def composed(sections: Iterable[Section]) -> str:
    """The script; empty when there is nothing in it."""
    ordered = sorted(sections, key=lambda section: section.order)
    if not ordered:
        return ""
    requires = sorted({name for section in ordered for name in section.requires})
    head = "require [" + ", ".join(f'"{name}"' for name in requires) + "];\n" if requires else ""
    return head + "\n".join(section.body.rstrip("\n") for section in ordered) + "\n"


def scripts_wanted(mailboxes: Sequence[Mailbox], *, absent: bool = False) -> list[Wanted]:
    """The scripts of these mailboxes as they shall be; absent for one with nothing in it."""
    found = [one.for_mailboxes(mailboxes) for one in _contributors] if not absent else []
    return [
        _wanted(row.mail_domain, row.address, [part[row.pk] for part in found if row.pk in part])
        for row in mailboxes
    ]


def domain_script_wanted(mail_domain: MailDomain, *, absent: bool = False) -> Wanted:
    """The one that runs before those of its mailboxes."""
    found = [one.for_domains([mail_domain]) for one in _contributors] if not absent else []
    sections = [part[mail_domain.pk] for part in found if mail_domain.pk in part]
    return _wanted(mail_domain, mail_domain.domain.name, sections)


def _wanted(mail_domain: MailDomain, owner: str, sections: Sequence[Section]) -> Wanted:
    state = contract.Script(owner=owner, text=composed(sections)) if sections else None
    return Wanted(
        node=mail_domain.node,
        kind=contract.Script.KIND,
        key=f"{contract.Script.KIND}/{owner}",
        state=state,
        domain=mail_domain.domain,
    )


def has_sections(mailboxes: Sequence[Mailbox]) -> set[int]:
    """The keys of those that have a script."""
    return {key for one in _contributors for key in one.for_mailboxes(mailboxes)}
