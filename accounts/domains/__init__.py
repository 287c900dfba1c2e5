"""Domains of accounts: which names may be taken, by whom, and on what proof."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import limits
from accounts.access import Right, require
from accounts.locks import account_lock
from accounts.models import Account, Domain, User
from accounts.selectors import overlapping
from lib import names, suffixes
from lib.errors import Refused

# Never in the public DNS (RFC 6761, 6762, 7686, 8375, 9476; ICANN's .internal). ``test`` and ``example``
# are left out: they are for trying things, which is what people do here.
SPECIAL_USE = frozenset({"localhost", "local", "localdomain", "invalid", "onion", "internal", "alt"})
_TAKING_NAMES = 0x706F7374  # key of the advisory lock: one name is taken at a time


def name_wanted(typed: str) -> tuple[str, str]:
    """A name as typed → (A-labels, what people read), if it may be anybody's domain at all. Raises Refused
    with field ``name``."""
    name, display = names.normalise_domain(typed)
    _refuse_special(name)
    _refuse_ours(name, display)
    if suffixes.is_public(name):
        text = _("Everybody registers names below %(name)s; it is nobody’s own. Type yours: luna.%(name)s.")
        raise Refused(text % {"name": display}, "name")
    return name, display


def proof_at_hand(*, actor: User | None, account: Account, name: str) -> str:
    """The Domain.Proof that is there without a look into DNS; empty: the name has to wait for one. ``actor``
    None: the panel's own work, which proves nothing by itself."""
    if actor is not None and actor.is_superuser and not actor.acting_for:
        return Domain.Proof.STAFF
    if account.trusted or (account.reseller and account.reseller.trusted):
        return Domain.Proof.TRUSTED
    labels = name.split(".")
    above = [".".join(labels[i:]) for i in range(1, len(labels))]
    if Domain.objects.filter(account=account, name__in=above).exists():
        return Domain.Proof.PARENT
    return ""


@transaction.atomic
def domain_add(
    *,
    actor: User | None,
    account: Account,
    name: str,
    proof: str,
    counted: bool = False,
    consent: bool = False,
) -> Domain:
    """Take ``name``, as typed, into the account, proved by ``proof`` (Domain.Proof). ``counted``: a claim
    held its place until now. ``consent``: whoever has the domain above or below agreed; only the provider's
    staff can say so. Raises Refused: field ``name``, or none for the limit; Denied."""
    require(actor, Right.DOMAINS, account=account)
    ascii_name, display = name_wanted(name)
    locked = names_lock(account)
    refuse_taken(ascii_name, display, locked, consent=consent and proof == Domain.Proof.STAFF)
    if not counted:
        limits.check(locked, "max_domains")
    domain: Domain = Domain.objects.create(
        account=locked, name=ascii_name, display_name=display, proof=proof, proved_at=timezone.now()
    )
    return domain


@transaction.atomic
def domain_remove(*, actor: User | None, domain: Domain) -> None:
    """The name itself; its zone and mail are taken away before (panel.lifecycle)."""
    require(actor, Right.DOMAINS, account=domain.account, domain=domain)
    domain.delete()


def names_lock(account: Account) -> Account:
    """The account, locked; and until the transaction ends nobody else takes a name anywhere: whether names
    overlap is no constraint that a database knows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TAKING_NAMES])
    return account_lock(account)


def refuse_taken(name: str, display: str, account: Account, *, consent: bool = False) -> None:
    """Raises Refused for what is here already, or touches what is somebody else's. Never says whose."""
    held = Domain.objects.filter(name=name).first()
    if held and held.account_id == account.pk:
        raise Refused(_("%(name)s is in this account already.") % {"name": display}, "name")
    if held or (not consent and overlapping(name, account)):
        raise Refused(
            _("%(name)s, or a name above or below, is in another account. If it is yours, ask %(provider)s.")
            % {"name": display, "provider": settings.PROVIDER_NAME},
            "name",
        )


def _refuse_special(name: str) -> None:
    end = name.rpartition(".")[2]
    if end == "arpa":
        raise Refused(
            _("Names in .arpa stand for addresses; whoever has the addresses has them. Type a domain."),
            "name",
        )
    if end in SPECIAL_USE:
        raise Refused(
            _("Names in .%(end)s work only inside one network. Type a domain that the world can reach.")
            % {"end": end},
            "name",
        )


def _refuse_ours(name: str, display: str) -> None:
    panel = urlsplit(settings.PANEL_URL).hostname or ""
    own = [
        names.normalise_domain(text)[0]
        for text in (settings.PROVIDER_DOMAIN, panel)
        if "." in text and not text[-1].isdigit()
    ]
    refuse_touching(name, display, own)


def refuse_touching(name: str, display: str, own: list[str]) -> None:
    """Raises Refused for a name that is one of ``own``, or lies above or below one."""
    if any(f".{name}".endswith(f".{ours}") or ours.endswith(f".{name}") for ours in own):
        raise Refused(
            _("%(name)s belongs to the panel itself. Type a domain of your own.") % {"name": display}, "name"
        )
