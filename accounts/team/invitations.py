"""Asked to join an account, by a mail with a link that works once.

The link carries the invitation's key and ``nonce``, signed with SECRET_KEY; it is made when the mail is sent
and kept nowhere. It dies with the nonce's row: accepted, revoked, sent anew, or seven days old.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.access import Right, require
from accounts.branding.select import brand_of, panel_url_for
from accounts.locks import account_lock
from accounts.models import Account, Domain, Invitation, Membership, User
from accounts.services import profile_set, user_create
from accounts.team import Role, domains_check, membership_add, rank_check
from lib import languages
from lib.errors import Refused
from notices.services import notice_send

LIFE = dt.timedelta(days=7)
PAUSE = dt.timedelta(minutes=2)  # before the same link is mailed again
MOST_A_DAY = 100  # of one account: the panel is no way to write to strangers
_SALT = "accounts.invitation"


@transaction.atomic
def invitation_send(
    *,
    actor: Any,
    account: Account,
    email: str,
    role: str,
    all_domains: bool,
    domains: Collection[Domain] = (),
) -> Invitation:
    """Ask the owner of ``email`` to join. Raises Refused with field ``email``, ``role`` or ``domains``,
    Denied for a role above the actor's."""
    account = account_lock(account)
    require(actor, Right.TEAM, account=account)
    rank_check(actor, account, role)
    address = _address(email)
    _refuse_again(account, address)
    all_domains = all_domains or role == Role.OWNER
    keys = [] if all_domains else [domain.pk for domain in domains_check(account, domains)]
    invitation: Invitation = Invitation.objects.create(
        account=account,
        email=address,
        role=role,
        all_domains=all_domains,
        domain_ids=keys,
        nonce=secrets.token_urlsafe(32),
        invited_by=actor,
        expires_at=timezone.now() + LIFE,
    )
    _mail(invitation)
    return invitation


@transaction.atomic
def invitation_resend(*, actor: Any, invitation: Invitation) -> Invitation:
    """A new link, for seven days; the one before is dead."""
    row = _open(invitation)
    require(actor, Right.TEAM, account=row.account)
    rank_check(actor, row.account, row.role)
    now = timezone.now()
    if row.expires_at - LIFE > now - PAUSE:
        raise Refused(_("It was sent a moment ago. Wait two minutes, then send it again."))
    row.nonce, row.expires_at, row.invited_by = secrets.token_urlsafe(32), now + LIFE, actor
    row.save(update_fields=["nonce", "expires_at", "invited_by"])
    _mail(row)
    return row


@transaction.atomic
def invitation_revoke(*, actor: Any, invitation: Invitation) -> None:
    """Its link leads nowhere from now on."""
    row = _open(invitation)
    require(actor, Right.TEAM, account=row.account)
    rank_check(actor, row.account, row.role)
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])


@transaction.atomic
def invitation_accept(*, actor: User, token: str) -> Membership | None:
    """Take the place as somebody who signs in with the invited address. None: the link is dead. Raises
    Refused for another address, or somebody who is in the account already."""
    row = _taken(token)
    if row is None:
        return None
    if actor.email.lower() != row.email:
        raise Refused(_("This invitation is for another address."))
    return _join(row, actor)


@transaction.atomic
def invitation_accept_new(*, token: str, name: str, password: str, language: str = "") -> User | None:
    """As a new person: the address is theirs, for the link was mailed to it. ``language``: that their browser
    asks for, so that mails are in it too. None: the link is dead. Raises Refused with field ``password``, or
    ``email`` when somebody signs in with it meanwhile."""
    row = _taken(token)
    if row is None:
        return None
    user = user_create(actor=None, email=row.email, name=name, password=password)
    if languages.known(language):
        profile_set(actor=user, language=languages.known(language))
    _join(row, user)
    return user


def invitation_by(token: str) -> Invitation | None:
    """The invitation of a link that still works, with its account and who sent it."""
    try:
        pk, nonce = signing.loads(token, salt=_SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = Invitation.objects.filter(
        pk=pk,
        accepted_at=None,
        revoked_at=None,
        expires_at__gt=timezone.now(),
        account__in=_awake(),
    )
    row: Invitation | None = rows.select_related("account__reseller", "invited_by").first()
    return row if row and constant_time_compare(row.nonce, nonce) else None


def token_of(invitation: Invitation) -> str:
    return signing.dumps([invitation.pk, invitation.nonce], salt=_SALT)


def links(context: dict[str, Any]) -> dict[str, Any] | None:
    """For notices, when the mail is sent; None: it is not wanted any more."""
    row = (
        Invitation.objects.filter(pk=context["invitation"], accepted_at=None, revoked_at=None)
        .select_related("account")
        .first()
    )
    if row is None or row.expires_at <= timezone.now():
        return None
    return {"url": panel_url_for(row.account) + reverse("invitation", args=[token_of(row)])}


def domains_of(invitation: Invitation) -> list[Domain]:
    """Those that are still the account's."""
    if invitation.all_domains:
        return []
    rows = Domain.objects.filter(account=invitation.account_id, pk__in=invitation.domain_ids)
    return list(rows.order_by("name"))


def _join(row: Invitation, user: User) -> Membership:
    if Membership.objects.filter(account=row.account, user=user).exists():
        raise Refused(_("You are in this account already, so there is nothing to accept."))
    domains = domains_of(row)
    if not row.all_domains and not domains:
        raise Refused(_("The domains that this invitation was for are gone. Ask for a new one."))
    place = membership_add(
        account=row.account,
        user=user,
        role=row.role,
        all_domains=row.all_domains,
        domains=[domain.pk for domain in domains],
    )
    row.accepted_at = timezone.now()
    row.save(update_fields=["accepted_at"])
    return place


def _awake() -> Any:
    rows = Account.objects.present().filter(no_sign_in=False)
    return rows.exclude(reseller__no_sign_in=True).exclude(reseller__deleted_at__isnull=False)


def _taken(token: str) -> Invitation | None:
    """The row, locked behind its account's: of two that come with one link, the second finds it dead."""
    found = invitation_by(token)
    if found is None:
        return None
    account_lock(found.account)
    return invitation_by(token)


def _open(invitation: Invitation) -> Invitation:
    account = account_lock(invitation.account)
    rows = Invitation.objects.filter(pk=invitation.pk, account=account, accepted_at=None, revoked_at=None)
    row: Invitation | None = rows.select_related("account").first()
    if row is None:
        raise Refused(_("This invitation was accepted or taken back meanwhile."))
    return row


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(_("Type a whole e-mail address, like ana@example.com."), "email") from None
    return address


def _refuse_again(account: Account, address: str) -> None:
    if Membership.objects.filter(account=account, user__email=address).exists():
        raise Refused(_("Whoever signs in with this address is in the account already."), "email")
    rows = Invitation.objects.filter(account=account)
    now = timezone.now()
    if rows.filter(created_at__gt=now - dt.timedelta(days=1)).count() >= MOST_A_DAY:
        raise Refused(_("That is enough for one day: %(n)d invitations. Go on tomorrow.") % {"n": MOST_A_DAY})
    waiting = rows.filter(email=address, accepted_at=None, revoked_at=None)
    if waiting.filter(expires_at__gt=now).exists():
        raise Refused(
            _("This address is invited already. Send that invitation again, or revoke it."), "email"
        )
    waiting.update(revoked_at=now)


def _mail(invitation: Invitation) -> None:
    inviter = invitation.invited_by
    notice_send(
        kind="invitation",
        to=invitation.email,
        context=lambda: {
            "invitation": invitation.pk,
            "account": invitation.account.name,
            "inviter": str(inviter) if inviter else "",
            "role": str(Role(invitation.role).label),
            "domains": [domain.display_name for domain in domains_of(invitation)],
            "days": LIFE.days,
        },
        brand=brand_of(invitation.account),
    )
