"""Sending limits, set: by owners for mailboxes and domains, by whoever stands above for accounts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import RANK_RESELLER, Right
from accounts.models import Account
from accounts.services import account_lock
from accounts.suspension import standing
from lib.errors import Denied, Refused
from lib.numbers import written
from mailboxes.models import Mailbox, MailDomain, SendingLimit
from mailboxes.sending.numbers import MOST, NUMBERS, Numbers
from mailboxes.sending.wanted import limit_wanted
from mailboxes.services.rights import allowed, domain_allowed
from nodeagent import contract
from provision.models import Node, Push
from provision.services import push_enqueue


@transaction.atomic
def mailbox_limit_set(*, actor: Any, mailbox: Mailbox, numbers: Numbers) -> SendingLimit:
    """``numbers``: some of NUMBERS; None: what holds for everybody. Raises Refused at the number; Denied."""
    allowed(actor, Right.MANAGE, [mailbox])
    account = mailbox.mail_domain.domain.account
    return _set(actor, account, numbers, mailbox.address, mailbox=mailbox, mail_domain=None)


@transaction.atomic
def domain_limit_set(*, actor: Any, mail_domain: MailDomain, numbers: Numbers) -> SendingLimit:
    domain_allowed(actor, Right.MANAGE, mail_domain.domain)
    domain = mail_domain.domain
    return _set(actor, domain.account, numbers, domain.name, mailbox=None, mail_domain=mail_domain)


@transaction.atomic
def account_limit_set(*, actor: Any, account: Account, numbers: Numbers) -> SendingLimit:
    """By the account's reseller or the provider: nobody raises their own."""
    if actor is not None and standing(actor, account) < RANK_RESELLER:
        raise Denied(_("Only who sold you the plan changes the account’s sending limits."))
    return _set(actor, account, numbers, account.name, mailbox=None, mail_domain=None)


def _set(actor: Any, account: Account, numbers: Numbers, called: str, **whose: Any) -> SendingLimit:
    account = account_lock(account)
    _check(account, numbers)
    row = SendingLimit.objects.filter(account=account, **whose).first()
    row = row or SendingLimit(account=account, **whose)
    row.whose = called
    for name in NUMBERS:
        setattr(row, name, numbers.get(name))
    row.save()
    push_enqueue(actor=actor, wanted=limit_wanted(row))
    return row


@transaction.atomic
def limits_ensure(node: Node) -> None:
    """Tell a mail node that was not there before of the accounts' limits (provision.kinds.register_node)."""
    if contract.ROLE_MAIL not in node.roles:
        return
    key = Concat(Value(f"{contract.Limit.KIND}/a"), Cast(OuterRef("account"), TextField()))
    rows = SendingLimit.objects.filter(mailbox=None, mail_domain=None)
    rows = rows.exclude(Exists(Push.objects.filter(node=node, key=key)))
    told = [wanted for row in rows.order_by("pk") for wanted in limit_wanted(row)]
    push_enqueue(actor=None, wanted=[wanted for wanted in told if wanted.node.pk == node.pk])


def _check(account: Account, numbers: Numbers) -> None:
    most = account.sends_per_hour
    for name in NUMBERS:
        number = numbers.get(name)
        if number is not None and not 1 <= number <= MOST:
            text = _("Write a number between 1 and %(most)s, or leave it empty.")
            raise Refused(text % {"most": written(MOST)}, name)
        if number is not None and name.endswith("_hour") and number > most:
            text = ngettext(
                "The whole account may send %(most)s mail in an hour. Write at most that.",
                "The whole account may send %(most)s mails in an hour. Write at most that.",
                most,
            )
            raise Refused(text % {"most": written(most)}, name)
