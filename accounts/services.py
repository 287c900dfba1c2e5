"""People, accounts and domains: every change goes through here."""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Domain, Membership, User
from accounts.selectors import domains_used, overlapping, who_can_raise
from lib import names
from lib.errors import Refused

# Never in the public DNS (RFC 6761, 6762, 7686, 8375, 9476; ICANN's .internal). ``test`` and ``example``
# are left out: they are for trying things, which is what people do here.
SPECIAL_USE = frozenset({"localhost", "local", "localdomain", "invalid", "onion", "arpa", "internal", "alt"})
_ADDING_DOMAINS = 0x706F7374  # key of the advisory lock: one domain is added at a time


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

    Raises Refused with field ``email`` or ``password``.
    """
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
    """What the provider may change about a person, never to lock oneself out. Raises Refused."""
    if actor.pk == user.pk and not (is_active and is_staff):
        raise Refused(_("You cannot take your own access away. Ask a colleague to do it."), "is_active")
    if (is_superuser or user.is_superuser) and not actor.is_superuser:
        raise Refused(_("Only somebody with all rights can give or take all rights."), "is_superuser")
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
    kind: str,
    reseller: Account | None = None,
    owner_email: str,
    owner_name: str,
    password: str,
    storage_mb: int,
    max_mailboxes: int,
    max_domains: int,
) -> Account:
    """An account with its owner. Raises Refused with field ``reseller``, ``owner_email`` or ``password``."""
    if reseller and (kind != Account.Kind.CUSTOMER or reseller.kind != Account.Kind.RESELLER):
        raise Refused(_("Only a customer stands below a reseller. Choose a reseller, or none."), "reseller")
    try:
        owner = user_create(actor=actor, email=owner_email, name=owner_name, password=password)
    except Refused as refused:
        raise Refused(refused.message, "owner_email" if refused.field == "email" else refused.field) from None
    account = Account.objects.create(
        name=name.strip(),
        kind=kind,
        reseller=reseller,
        storage_mb=storage_mb,
        max_mailboxes=max_mailboxes,
        max_domains=max_domains,
    )
    Membership.objects.create(account=account, user=owner)
    return account


@transaction.atomic
def account_set(
    *, actor: User, account: Account, name: str, storage_mb: int, max_mailboxes: int, max_domains: int
) -> Account:
    """Name and limits. A limit below what is used takes nothing away; it only lets nothing more in."""
    locked = account_lock(account)
    locked.name, locked.storage_mb = name.strip(), storage_mb
    locked.max_mailboxes, locked.max_domains = max_mailboxes, max_domains
    locked.save(update_fields=["name", "storage_mb", "max_mailboxes", "max_domains"])
    return locked


def account_lock(account: Account) -> Account:
    """The account, its row locked until the transaction ends. Whoever counts against a limit starts here."""
    locked: Account = Account.objects.select_for_update().get(pk=account.pk)
    return locked


@transaction.atomic
def domain_add(*, actor: User, account: Account, name: str) -> Domain:
    """Take ``name``, as typed, into the account. Raises Refused: field ``name``, or none for the limit."""
    ascii_name, display = names.normalise_domain(name)
    _refuse_reserved(ascii_name, display)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADDING_DOMAINS])
    locked = account_lock(account)
    _refuse_taken(ascii_name, display, locked)
    used = domains_used(locked)
    if used >= locked.max_domains:
        raise Refused(
            _("%(account)s may have %(most)d domains and has %(now)d. Delete one, or ask %(who)s for more.")
            % {
                "account": locked.name,
                "most": locked.max_domains,
                "now": used,
                "who": who_can_raise(locked),
            }
        )
    domain: Domain = Domain.objects.create(account=locked, name=ascii_name, display_name=display)
    return domain


@transaction.atomic
def domain_remove(*, actor: User, domain: Domain) -> None:
    """The name itself; its zone and mail are taken away before (panel.lifecycle)."""
    domain.delete()


def _refuse_reserved(name: str, display: str) -> None:
    panel = urlsplit(settings.PANEL_URL).hostname or ""
    own = [
        names.normalise_domain(text)[0]
        for text in (settings.PROVIDER_DOMAIN, panel)
        if "." in text and not text[-1].isdigit()
    ]
    if any(f".{name}".endswith(f".{ours}") or ours.endswith(f".{name}") for ours in own):
        raise Refused(
            _("%(name)s belongs to the panel itself. Type a domain of your own.") % {"name": display}, "name"
        )
    if name.rpartition(".")[2] in SPECIAL_USE:
        raise Refused(
            _("Names in .%(end)s work only inside one network. Type a domain that the world can reach.")
            % {"end": name.rpartition(".")[2]},
            "name",
        )


def _refuse_taken(name: str, display: str, account: Account) -> None:
    held = Domain.objects.filter(name=name).first()
    if held and held.account_id == account.pk:
        raise Refused(_("%(name)s is in this account already.") % {"name": display}, "name")
    if held or overlapping(name, account):
        raise Refused(
            _("%(name)s, or a name above or below, is in another account. If it is yours, ask %(provider)s.")
            % {"name": display, "provider": settings.PROVIDER_NAME},
            "name",
        )


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "password") from None
