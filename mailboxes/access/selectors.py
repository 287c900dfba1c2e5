"""What is there."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Domain
from mailboxes.models import AppPassword, Identity, Mailbox, MailDomain, WebsiteSender
from nodeagent import contract


def passwords_of(mailbox: Mailbox) -> QuerySet[AppPassword]:
    rows: QuerySet[AppPassword] = AppPassword.objects.filter(mailbox=mailbox.pk).order_by(
        "-created_at", "-pk"
    )
    return rows


def identities_of(mailbox: Mailbox) -> QuerySet[Identity]:
    rows: QuerySet[Identity] = Identity.objects.filter(mailbox=mailbox.pk).order_by("address")
    return rows


def websites_of(mail_domain: MailDomain) -> QuerySet[WebsiteSender]:
    rows: QuerySet[WebsiteSender] = WebsiteSender.objects.filter(mail_domain=mail_domain)
    return rows.prefetch_related("identities").order_by("label", "pk")


def sendable(mailbox_or_domain: Mailbox | MailDomain, address: str) -> bool:
    """Whether the address is at a domain of the same account; whether it exists for another says nothing."""
    mail_domain = (
        mailbox_or_domain if isinstance(mailbox_or_domain, MailDomain) else mailbox_or_domain.mail_domain
    )
    name = address.rpartition("@")[2]
    return Domain.objects.filter(
        account=mail_domain.domain.account_id, name=name, mail__isnull=False
    ).exists()


def login_key(login: str, key: str) -> str:
    return f"{contract.Login.KIND}/{login}/{key}"
