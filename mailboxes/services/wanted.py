"""Rows as provision takes them."""

from __future__ import annotations

import datetime as dt

from mailboxes.desired import dkim_state, mail_domain_state, mailbox_key, mailbox_state
from mailboxes.models import DkimKey, Mailbox, MailDomain
from nodeagent import contract
from provision.services import Wanted


def mail_domain_wanted(mail_domain: MailDomain, *, absent: bool = False) -> Wanted:
    state = mail_domain_state(mail_domain)
    return Wanted(
        node=mail_domain.node,
        kind=contract.MailDomain.KIND,
        key=state.key,
        state=None if absent else state,
        domain=mail_domain.domain,
    )


def mailbox_wanted(mailbox: Mailbox, *, absent: bool = False) -> Wanted:
    return Wanted(
        node=mailbox.mail_domain.node,
        kind=contract.Mailbox.KIND,
        key=mailbox_key(mailbox.address),
        state=None if absent else mailbox_state(mailbox),
        domain=mailbox.mail_domain.domain,
    )


def home_removal(mailbox: Mailbox, *, not_before: dt.datetime | None = None) -> Wanted:
    """Of no domain's people: for them the mailbox is gone since it was deleted."""
    return Wanted(
        node=mailbox.mail_domain.node,
        kind=contract.Home.KIND,
        key=contract.Home(path=mailbox.home).key,
        state=None,
        not_before=not_before,
    )


def dkim_wanted(key: DkimKey, *, absent: bool = False) -> Wanted:
    state = dkim_state(key)
    return Wanted(
        node=key.node,
        kind=contract.DkimKey.KIND,
        key=state.key,
        state=None if absent else state,
        domain=key.mail_domain.domain if key.mail_domain else None,
    )
