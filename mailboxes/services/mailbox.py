"""One mailbox: made, given a password, given room."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Right
from accounts.services import account_lock
from lib.errors import Refused
from lib.names import normalise_local
from lib.passwords import check_mailbox_password, hash_mailbox_password
from lib.said import gettext as _
from mailboxes.models import Alias, Mailbox, MailDomain, WebsiteSender
from mailboxes.selectors import mailbox_locked
from mailboxes.services.limits import count_check, size_check, storage_check
from mailboxes.services.parts import mailbox_parts
from mailboxes.services.rights import allowed, domain_allowed
from mailboxes.services.wanted import mailbox_wanted
from mailboxes.sizes import quota_check
from mailboxes.welcome import welcome_send
from provision.services import push_enqueue

MAX_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets


def mailbox_create(
    *, actor: Any, mail_domain: MailDomain, local: str, password: str, quota_mb: int, welcome: str = ""
) -> Mailbox:
    """Make ``local@domain``. The hash (20 to 30 ms of a core) is made before the account's row is locked, so
    others do not wait for it. ``welcome``: where the welcome mail goes, if anywhere. Raises Refused at local,
    password or quota_mb."""
    local = normalise_local(local)
    address = f"{local}@{mail_domain.domain.name}"
    domain_allowed(actor, Right.MAKE, mail_domain.domain, [address])
    if len(address) > MAX_ADDRESS:
        raise Refused(
            _("The whole address may have %(most)d characters. Choose a shorter name.")
            % {"most": MAX_ADDRESS},
            "local",
        )
    check_mailbox_password(password, address)
    quota_check(quota_mb)
    free_check(address)
    mailbox = Mailbox(
        mail_domain=mail_domain,
        address=address,
        local=local,
        password_hash=hash_mailbox_password(password),
        home=new_home(mail_domain.domain.name, local),
        quota_mb=quota_mb,
    )
    return _store(actor, mailbox, welcome)


@transaction.atomic
def _store(actor: Any, mailbox: Mailbox, welcome: str) -> Mailbox:
    account = account_lock(mailbox.mail_domain.domain.account)
    if not MailDomain.objects.filter(pk=mailbox.mail_domain_id).exists():
        raise Refused(_("This domain was deleted meanwhile. Choose another one."))
    free_check(mailbox.address)
    count_check(account)
    size_check(account, mailbox.quota_mb)
    storage_check(account, mailbox.quota_mb)
    mailbox.save(force_insert=True)
    wanted = [mailbox_wanted(mailbox), *mailbox_parts([mailbox], absent=False)]
    push_enqueue(actor=actor, wanted=wanted)
    if welcome:
        domain = mailbox.mail_domain.domain
        welcome_send(mailbox_address=mailbox.address, domain=domain, to=welcome)
    return mailbox


def new_home(domain: str, local: str) -> str:
    """``example.test/ana.3f9c0a1b77d2``: unique for ever, so an address made again inherits nothing."""
    safe = re.sub(r"[^a-z0-9._+-]", "_", local)
    return f"{domain}/{safe}.{secrets.token_hex(6)}"


def free_check(address: str) -> None:
    if Mailbox.objects.present().filter(address=address).exists():
        raise Refused(_("%(address)s is there already. Choose another name.") % {"address": address}, "local")
    if WebsiteSender.objects.filter(login=address).exists():
        text = _("A website signs in with the name %(address)s. Choose another name.")
        raise Refused(text % {"address": address}, "local")
    if Alias.objects.filter(address=address).exists():
        text = _("%(address)s is a forwarder. Delete that one first, or choose another name.")
        raise Refused(text % {"address": address}, "local")
    name = address.rpartition("@")[2]
    of = MailDomain.objects.filter(domain__name=name, alias_of__isnull=False).select_related(
        "alias_of__domain"
    )
    if found := of.first():
        text = _("This domain is an alias of %(domain)s. Make the mailbox there: it has both addresses then.")
        assert found.alias_of is not None  # noqa: S101 - asked for above
        raise Refused(text % {"domain": found.alias_of.domain.display_name}, "local")


def mailbox_set_password(*, actor: Any, mailbox: Mailbox, password: str) -> Mailbox:
    """Replace the password; the node drops whoever is signed in. Raises Refused at password."""
    allowed(actor, Right.MAKE, [mailbox])
    check_mailbox_password(password, mailbox.address)
    return _set_password(actor, mailbox, hash_mailbox_password(password))


@transaction.atomic
def _set_password(actor: Any, mailbox: Mailbox, password_hash: str) -> Mailbox:
    mailbox = mailbox_locked(mailbox)
    mailbox.password_hash, mailbox.password_set_at = password_hash, timezone.now()
    mailbox.save(update_fields=["password_hash", "password_set_at"])
    push_enqueue(actor=actor, wanted=[mailbox_wanted(mailbox)])
    return mailbox


@transaction.atomic
def mailbox_set_quota(*, actor: Any, mailbox: Mailbox, quota_mb: int) -> Mailbox:
    """Give more or less room. Less than it holds is allowed: new mail is refused until some is removed."""
    allowed(actor, Right.MANAGE, [mailbox])
    quota_check(quota_mb)
    account = account_lock(mailbox.mail_domain.domain.account)
    mailbox = mailbox_locked(mailbox)
    if quota_mb > mailbox.quota_mb:
        size_check(account, quota_mb)
        storage_check(account, quota_mb - mailbox.quota_mb)
    mailbox.quota_mb = quota_mb
    mailbox.save(update_fields=["quota_mb"])
    push_enqueue(actor=actor, wanted=[mailbox_wanted(mailbox)])
    return mailbox
