"""Rows as the node shall have them."""

from __future__ import annotations

from mailboxes.models import AppPassword, Identity, Mailbox, MailDomain, WebsiteSender
from nodeagent import contract
from provision.services import Wanted


def password_state(row: AppPassword, login: str) -> contract.Login:
    return contract.Login(
        id=row.key,
        login=login,
        password_hash=row.password_hash,
        imap=row.imap,
        pop3=row.pop3,
        smtp=row.smtp,
        sieve=row.sieve,
        networks=list(row.networks),
        expires=int(row.expires.timestamp()) if row.expires else 0,
    )


def website_state(row: WebsiteSender) -> contract.Login:
    return contract.Login(
        id=row.key,
        login=row.login,
        password_hash=row.password_hash,
        imap=False,
        pop3=False,
        sieve=False,
        site=True,
        networks=list(row.networks),
    )


def limit_state(row: WebsiteSender) -> contract.Limit | None:
    if not row.mails_hour and not row.mails_day:
        return None
    return contract.Limit(scope=row.login, mails_hour=row.mails_hour, mails_day=row.mails_day)


def password_wanted(row: AppPassword, mailbox: Mailbox, *, absent: bool = False) -> Wanted:
    state = password_state(row, mailbox.address)
    return _wanted(mailbox.mail_domain, state.KIND, state.key, None if absent else state)


def identity_wanted(login: str, sender: str, mail_domain: MailDomain, *, absent: bool = False) -> Wanted:
    """That ``login``, of ``mail_domain``, may send as ``sender`` too."""
    state = contract.Identity(login=login, sender=sender)
    return _wanted(mail_domain, state.KIND, state.key, None if absent else state)


def identities_wanted(
    rows: list[Identity], login: str, mail_domain: MailDomain, *, absent: bool
) -> list[Wanted]:
    return [identity_wanted(login, row.address, mail_domain, absent=absent) for row in rows]


def website_wanted(row: WebsiteSender, *, absent: bool = False) -> list[Wanted]:
    """The sign-in, its limit, and what it may send as."""
    state, limit = website_state(row), limit_state(row)
    key = contract.Limit(scope=row.login).key
    return [
        _wanted(row.mail_domain, state.KIND, state.key, None if absent else state),
        _wanted(row.mail_domain, contract.Limit.KIND, key, None if absent else limit),
        *identities_wanted(list(row.identities.all()), row.login, row.mail_domain, absent=absent),
    ]


def _wanted(mail_domain: MailDomain, kind: str, key: str, state: contract.State | None) -> Wanted:
    return Wanted(node=mail_domain.node, kind=kind, key=key, state=state, domain=mail_domain.domain)
