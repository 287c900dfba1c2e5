"""What is suspended, seen from below: a mailbox, a domain or an account with all that stands above it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Account, Domain
from accounts.models.suspension import Suspendable, stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One thing that is suspended, or an account that is deleted and still kept. ``word``: ``mailbox``,
    ``domain``, ``account`` or ``reseller``. ``who``: in whose name."""

    word: str
    target: Suspendable
    no_sign_in: bool
    no_receive: bool
    no_send: bool
    reason: str
    who: str
    since: dt.datetime | None
    deleted: bool = False

    @property
    def name(self) -> str:
        return str(self.target)

    @property
    def stopped(self) -> list[str]:
        """What does not work, in words."""
        return stopped(self.no_sign_in, self.no_send, self.no_receive)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What all levels come to. ``reason``: of the highest that keeps from signing in, else of the highest."""

    no_sign_in: bool
    no_receive: bool
    no_send: bool
    reason: str


def suspension_of(target: Suspendable) -> list[Level]:
    """The levels in force on an account, a domain or a mailbox, its own first and the highest last; empty
    when nothing is suspended. No query when what stands above is at hand (``domain__account__reseller``)."""
    found = []
    here: Suspendable | None = target
    while here is not None:
        if isinstance(here, Account) and here.deleted_at:
            found.append(_deleted(here))
        if here.is_suspended:
            found.append(_level(here))
        here = here.suspended_with
    return found


def in_force(levels: list[Level]) -> InForce:
    highest = sorted(levels, key=lambda level: level.no_sign_in)[-1:]
    return InForce(
        no_sign_in=any(level.no_sign_in for level in levels),
        no_receive=any(level.no_receive for level in levels),
        no_send=any(level.no_send for level in levels),
        reason=highest[0].reason if highest else "",
    )


def may_sign_in(target: Suspendable) -> bool:
    """Whether nothing, here or above, keeps from signing in."""
    return not in_force(suspension_of(target)).no_sign_in


def word_of(target: Suspendable) -> str:
    if isinstance(target, Account):
        return "reseller" if target.kind == Account.Kind.RESELLER else "account"
    return "domain" if isinstance(target, Domain) else "mailbox"


def _level(here: Suspendable) -> Level:
    return Level(
        word=word_of(here),
        target=here,
        no_sign_in=here.no_sign_in,
        no_receive=here.no_receive,
        no_send=here.no_send,
        reason=here.suspended_reason,
        who=here.suspended_from,
        since=here.suspended_at,
    )


def _deleted(account: Account) -> Level:
    return Level(
        word=word_of(account),
        target=account,
        no_sign_in=True,
        no_receive=True,
        no_send=True,
        reason=_("The account is deleted."),
        who="",
        since=account.deleted_at,
        deleted=True,
    )
