"""Shared links as pages and mails read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.branding.select import Shown, brand_by_reseller, panel_url_for
from accounts.models import Account
from accounts.suspension.inforce import in_force, suspension_of
from guides.handing import tokens
from guides.models import ShareLink
from mailboxes.models import Mailbox

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """``url``: empty when it works no more, or cannot be shown again."""

    share: ShareLink
    works: bool
    url: str


def living() -> Any:
    """Links that work, with all that stands above their mailbox: one query."""
    rows = ShareLink.objects.living(timezone.now()).select_related(
        "mailbox__mail_domain__domain__account__reseller", "mailbox__mail_domain__node"
    )
    return rows.filter(
        mailbox__deleted_at__isnull=True, mailbox__mail_domain__domain__account__deleted_at__isnull=True
    )


def share_by_token(token: str) -> ShareLink | None:
    """None alike for what never was, ended, or leads to a mailbox that is gone or suspended."""
    if not tokens.SHAPE.fullmatch(token):
        return None
    share: ShareLink | None = living().filter(token_hash=tokens.hash_of(token)).first()
    if share is None or in_force(suspension_of(share.mailbox)).no_sign_in:
        return None
    return share


def shared_of(mailbox: Mailbox) -> Sequence[Shared]:
    """The newest first. One query."""
    now = timezone.now()
    rows = ShareLink.objects.filter(mailbox_id=mailbox.pk).order_by("-created_at", "-pk")[:SHOWN]
    account = mailbox.mail_domain.domain.account
    found = []
    for share in rows:
        works = share.ended_at is None and share.expires_at > now
        token = tokens.token_again(share.seed, share.token_hash) if works else ""
        found.append(Shared(share=share, works=works, url=_url(token, account) if token else ""))
    return found


def address_of_share(share: ShareLink) -> str:
    token = tokens.token_again(share.seed, share.token_hash)
    return _url(token, share.mailbox.mail_domain.domain.account) if token else ""


def brand_of_domain(account: Account) -> Shown | None:
    reseller = account.pk if account.kind == Account.Kind.RESELLER else account.reseller_id
    return brand_by_reseller(reseller) if reseller else None


def _url(token: str, account: Account) -> str:
    return f"{panel_url_for(account)}{reverse('share', args=[token])}"
