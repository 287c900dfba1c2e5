"""From rows to the states that nodes shall have, and from a key back to them."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from accounts.suspension.inforce import in_force, suspension_of
from mailboxes.addresses.provider import provider_domain
from mailboxes.addresses.states import catch_all_now
from mailboxes.models import DkimKey, Mailbox, MailDomain
from nodeagent import contract


def mail_domain_state(mail_domain: MailDomain) -> contract.MailDomain:
    """With what holds for the domain, its account and its reseller: a suspended client is one state for each
    of its domains, however many mailboxes they have."""
    domain = mail_domain.domain
    account = domain.account
    now = in_force(suspension_of(domain))
    return contract.MailDomain(
        name=domain.name,
        sign_in=not now.no_sign_in,
        # For a domain whose mail is taken elsewhere, False puts off what still comes here.
        receive=not now.no_receive and mail_domain.moved_until is None,
        send=not now.no_send,
        pop3=account.pop3 and (account.reseller is None or account.reseller.pop3),
        reason=now.reason,
        account=f"a{account.pk}",
        sends_per_hour=account.sends_per_hour,
        routing=mail_domain.decided,
        catch_all=catch_all_now(mail_domain),
        plus=mail_domain.plus,
        alias_of=mail_domain.alias_of.domain.name if mail_domain.alias_of else "",
    )


def mailbox_key(address: str) -> str:
    return f"{contract.Mailbox.KIND}/{address}"


def mailbox_state(mailbox: Mailbox) -> contract.Mailbox | None:
    """With the switches of its own; those above it are the domain's (mail_domain_state)."""
    if mailbox.deleted_at:
        return None
    return contract.Mailbox(
        address=mailbox.address,
        password_hash=mailbox.password_hash,
        home=mailbox.home,
        quota_mb=mailbox.quota_mb,
        sign_in=not mailbox.no_sign_in,
        receive=not mailbox.no_receive,
        send=not mailbox.no_send,
        reason=mailbox.suspended_reason,
        imap=mailbox.imap,
        pop3=mailbox.pop3,
        smtp=mailbox.smtp,
        sieve=mailbox.sieve,
    )


def home_state(mailbox: Mailbox) -> contract.Home | None:
    """Kept as long as the mailbox can be brought back."""
    kept_until = mailbox.kept_until
    gone = kept_until is not None and kept_until <= timezone.now()
    return None if gone else contract.Home(path=mailbox.home)


def dkim_state(key: DkimKey) -> contract.DkimKey:
    return contract.DkimKey(domain=key.signs_for, selector=key.selector, active=key.seen_at is not None)


def mail_domain_desired(key: str) -> contract.MailDomain | None:
    _kind, _slash, name = key.partition("/")
    rows = MailDomain.objects.select_related("domain__account__reseller", "alias_of__domain")
    found = rows.filter(domain__name=name).first()
    return mail_domain_state(found) if found else provider_domain(name)


def mailbox_desired(key: str) -> contract.Mailbox | None:
    _kind, _slash, address = key.partition("/")
    found = Mailbox.objects.present().filter(address=address).first()
    return mailbox_state(found) if found else None


def home_desired(key: str) -> contract.Home | None:
    _kind, _slash, path = key.partition("/")
    found = Mailbox.objects.filter(home=path).first()
    return home_state(found) if found else None


def dkim_desired(key: str) -> contract.DkimKey | None:
    found = dkim_of_key(key)
    return dkim_state(found) if found else None


def dkim_of_key(key: str) -> DkimKey | None:
    """``dkim_key/<domain>/<selector>`` → its row."""
    _kind, _slash, rest = key.partition("/")
    name, _slash, selector = rest.partition("/")
    rows = DkimKey.objects.select_related("mail_domain__domain", "node").filter(selector=selector)
    whose = {"mail_domain": None} if name == settings.PROVIDER_DOMAIN else {"mail_domain__domain__name": name}
    return rows.filter(**whose).first()
