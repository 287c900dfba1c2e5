"""Sign-ins of websites: made, changed, given a new password, taken away."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Right
from accounts.services import account_lock
from lib.errors import Refused
from lib.names import normalise_local
from mailboxes.access.secrets import password_made
from mailboxes.access.services import label_check, sender_check
from mailboxes.access.wanted import identity_wanted, website_wanted
from mailboxes.models import Identity, MailDomain, WebsiteSender
from mailboxes.services.mailbox import MAX_ADDRESS, free_check
from mailboxes.services.rights import domain_allowed
from provision.services import Wanted, push_enqueue

MOST = 50  # of one domain
MOST_MAILS = 100_000


@transaction.atomic
def website_create(
    *,
    actor: Any,
    mail_domain: MailDomain,
    label: str,
    local: str,
    sender: str,
    networks: list[str],
    mails_hour: int,
    mails_day: int,
) -> tuple[WebsiteSender, str]:
    """The row, and the password, which is told this once. ``sender``: the address it sends as; more with
    ``website_sender_add``. Raises Refused at label, local, sender, mails_hour, mails_day; Denied."""
    login = f"{_local(local)}@{mail_domain.domain.name}"
    domain_allowed(actor, Right.MANAGE, mail_domain.domain, [login])
    account_lock(mail_domain.domain.account)
    if len(login) > MAX_ADDRESS:
        raise Refused(_("The whole name may have %(most)d characters.") % {"most": MAX_ADDRESS}, "local")
    free_check(login)
    if WebsiteSender.objects.filter(login=login).exists():
        raise Refused(_("%(login)s is there already. Choose another name.") % {"login": login}, "local")
    if WebsiteSender.objects.filter(mail_domain=mail_domain).count() >= MOST:
        raise Refused(_("A domain can have %(most)d website senders. Revoke one first.") % {"most": MOST})
    made = password_made()
    row = WebsiteSender.objects.create(
        mail_domain=mail_domain,
        login=login,
        label=label_check(label),
        key=made.key,
        password_hash=made.password_hash,
        networks=networks,
        mails_hour=_number(mails_hour, "mails_hour"),
        mails_day=_number(mails_day, "mails_day"),
    )
    Identity.objects.create(website=row, address=_sender(mail_domain, sender))
    push_enqueue(actor=actor, wanted=website_wanted(row))
    return row, made.password


@transaction.atomic
def website_renew(*, actor: Any, website: WebsiteSender) -> tuple[WebsiteSender, str]:
    """Another password; the one before holds no longer."""
    row = _locked(actor, website)
    gone = website_wanted(row, absent=True)[:1]
    made = password_made()
    row.key, row.password_hash = made.key, made.password_hash
    row.used_at, row.used_from, row.used_by = None, "", ""
    row.save(update_fields=["key", "password_hash", "used_at", "used_from", "used_by"])
    push_enqueue(actor=actor, wanted=[*gone, *website_wanted(row)])
    return row, made.password


@transaction.atomic
def website_change(
    *, actor: Any, website: WebsiteSender, label: str, networks: list[str], mails_hour: int, mails_day: int
) -> WebsiteSender:
    row = _locked(actor, website)
    row.label, row.networks = label_check(label), networks
    row.mails_hour, row.mails_day = _number(mails_hour, "mails_hour"), _number(mails_day, "mails_day")
    row.save(update_fields=["label", "networks", "mails_hour", "mails_day"])
    push_enqueue(actor=actor, wanted=website_wanted(row))
    return row


@transaction.atomic
def website_senders_set(*, actor: Any, website: WebsiteSender, addresses: list[str]) -> WebsiteSender:
    """All that it may send as, at least one. Raises Refused at ``senders``."""
    row = _locked(actor, website)
    wanted = list(dict.fromkeys(_sender(row.mail_domain, text, "senders") for text in addresses))
    if not 1 <= len(wanted) <= MOST:
        raise Refused(_("Write 1 to %(most)d addresses, a line each.") % {"most": MOST}, "senders")
    pushes: list[Wanted] = []
    for old in row.identities.exclude(address__in=wanted):
        pushes.append(identity_wanted(row.login, old.address, row.mail_domain, absent=True))
        old.delete()
    there = set(row.identities.values_list("address", flat=True))
    for address in wanted:
        if address not in there:
            Identity.objects.create(website=row, address=address)
        pushes.append(identity_wanted(row.login, address, row.mail_domain))
    push_enqueue(actor=actor, wanted=pushes)
    return row


@transaction.atomic
def website_revoke(*, actor: Any, website: WebsiteSender) -> None:
    row = _locked(actor, website)
    push_enqueue(actor=actor, wanted=website_wanted(row, absent=True))
    row.delete()


def _locked(actor: Any, website: WebsiteSender) -> WebsiteSender:
    rows = WebsiteSender.objects.select_related("mail_domain__domain__account__reseller", "mail_domain__node")
    row: WebsiteSender | None = rows.select_for_update(of=("self",)).filter(pk=website.pk).first()
    if row is None:
        raise Refused(_("It was revoked meanwhile."))
    domain_allowed(actor, Right.MANAGE, row.mail_domain.domain, [row.login])
    return row


def _local(text: str) -> str:
    return normalise_local(text)


def _sender(mail_domain: MailDomain, text: str, field: str = "sender") -> str:
    try:
        return sender_check(mail_domain, text)
    except Refused as refused:
        raise Refused(refused.message, field) from None


def _number(value: int, field: str) -> int:
    if not 0 <= value <= MOST_MAILS:
        raise Refused(_("Write a number from 0 to %(most)d.") % {"most": MOST_MAILS}, field)
    return value
