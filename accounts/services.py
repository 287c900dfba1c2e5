"""People and accounts; domains are in accounts.domains, plans in accounts.clients.plans."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import require_provider
from accounts.clients import account_new, account_set
from accounts.clients.plans import looks_after
from accounts.locks import account_lock
from accounts.models import Account, Membership, Plan, User
from lib.errors import Denied, Refused

__all__ = [
    "account_create",
    "account_lock",
    "account_set",
    "profile_set",
    "user_create",
    "user_set",
]


@transaction.atomic
def user_create(
    *,
    actor: User | None,
    email: str,
    name: str,
    password: str,
    is_staff: bool = False,
    is_superuser: bool = False,
) -> User:
    """A person who may sign in at once: whoever makes them vouches for the address.

    Raises Refused with field ``email`` or ``password``; Denied to all but the provider for its own staff.
    """
    if is_staff or is_superuser:
        require_provider(actor)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(_("Type a whole e-mail address, like ana@example.com."), "email") from None
    user = User(email=address, name=name.strip(), is_staff=is_staff, is_superuser=is_superuser)
    _check_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Refused(_("Somebody signs in with this address already. Type another one."), "email") from None
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


@transaction.atomic
def user_set(
    *, actor: User, user: User, name: str, is_active: bool, is_staff: bool, is_superuser: bool
) -> User:
    """What the provider may change about a person, never to lock oneself out. Raises Refused, Denied."""
    if actor.acting_for or not actor.is_staff:
        raise Denied(_("Only the provider may do this."))
    if actor.pk == user.pk and not (is_active and is_staff):
        raise Refused(_("You cannot take your own access away. Ask a colleague to do it."), "is_active")
    if (is_superuser or user.is_superuser) and not actor.is_superuser:
        raise Refused(_("Only somebody with all rights can give or take all rights."), "is_superuser")
    if is_staff != user.is_staff and not actor.is_superuser:
        raise Refused(_("Only somebody with all rights says who works for the provider."), "is_staff")
    user.name, user.is_active, user.is_staff, user.is_superuser = (
        name.strip(),
        is_active,
        is_staff,
        is_superuser,
    )
    user.save(update_fields=["name", "is_active", "is_staff", "is_superuser"])
    return user


@transaction.atomic
def profile_set(
    *, actor: User, name: str | None = None, language: str | None = None, theme: str | None = None
) -> User:
    """A person's own choices; None leaves one as it is."""
    changes = {"name": name, "language": language, "theme": theme}
    for field, value in changes.items():
        if value is not None:
            setattr(actor, field, value)
    actor.save(update_fields=[field for field, value in changes.items() if value is not None])
    return actor


@transaction.atomic
def account_create(
    *,
    actor: User | None,
    name: str,
    kind: str = Account.Kind.CUSTOMER,
    reseller: Account | None = None,
    owner_email: str,
    owner_name: str,
    password: str,
    plan: Plan | None = None,
    trusted: bool = False,
    oversell: bool = False,
    **limits: Any,
) -> Account:
    """An account with an owner who can sign in at once (accounts.clients.opening.account_open invites one
    instead). Its limits are the plan's, or ``limits``. Raises Refused with field ``owner_email`` or
    ``password``, or as accounts.clients.account_new."""
    looks_after(actor, reseller)
    try:
        owner = user_create(actor=actor, email=owner_email, name=owner_name, password=password)
    except Refused as refused:
        raise Refused(refused.message, "owner_email" if refused.field == "email" else refused.field) from None
    account = account_new(
        actor=actor,
        name=name,
        kind=kind,
        reseller=reseller,
        plan=plan,
        trusted=trusted,
        oversell=oversell,
        **limits,
    )
    Membership.objects.create(account=account, user=owner)
    return account


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "password") from None
