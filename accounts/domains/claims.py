"""Domains that wait for proof: asked for, looked after, given up. A claim is a word of its account's and
nothing else: no zone, no push, no node knows it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import domains, limits
from accounts.access import Right, require
from accounts.domains import proof
from accounts.domains.proof import Block, Finding, Servers, Txt
from accounts.models import Account, Domain, DomainClaim, User
from accounts.selectors import had_by_another, overlapping
from lib.errors import Refused


@transaction.atomic
def claim_make(*, actor: User | None, account: Account, name: str) -> DomainClaim:
    """``account`` says that ``name``, as typed, is its. Once more: the claim that is there, with its token.
    Raises Refused: field ``name``, or none for the limit; Denied."""
    require(actor, Right.DOMAINS, account=account)
    ascii_name, display = domains.name_wanted(name)
    locked = domains.names_lock(account)
    domains.refuse_taken(ascii_name, display, locked)
    waiting = DomainClaim.objects.filter(account=locked, name=ascii_name).first()
    if waiting is not None:
        return waiting
    limits.check(locked, "max_domains")
    claim: DomainClaim = DomainClaim.objects.create(
        account=locked, name=ascii_name, display_name=display, token=proof.token_new(), created_by=actor
    )
    return claim


@transaction.atomic
def claim_drop(*, actor: User | None, claim: DomainClaim) -> None:
    """It no longer waits; asked for again, it has another token. Raises Denied."""
    _allowed(actor, claim)
    claim.delete()


@transaction.atomic
def claim_look_wanted(*, actor: User, claim: DomainClaim) -> None:
    """The next look is due now. Raises Refused when one was made a moment ago; Denied."""
    _allowed(actor, claim)
    row = _locked(claim.pk)
    if row is None:
        raise Refused(_("This domain no longer waits for proof. Open the list of your domains."))
    now = timezone.now()
    if row.checked_at and now - row.checked_at < proof.PATIENCE:
        ago = (now - row.checked_at).seconds
        text = ngettext(
            "We looked %(n)d second ago. Name servers need a moment to take a change: try again in %(m)d.",
            "We looked %(n)d seconds ago. Name servers need a moment to take a change: try again in %(m)d.",
            ago,
        )
        raise Refused(text % {"n": ago, "m": (proof.PATIENCE - (now - row.checked_at)).seconds + 1})
    if row.next_check_at > now:
        row.next_check_at = now
        row.save(update_fields=["next_check_at"])


@transaction.atomic
def claim_seen(*, claim: DomainClaim, finding: Finding, now: datetime) -> None:
    """What a look found that proved nothing, and when the next is."""
    row = _locked(claim.pk)
    if row is not None:
        row.seen, row.checked_at = finding.kept(), now
        row.next_check_at = proof.next_look(row.created_at, now)
        row.save(update_fields=["seen", "checked_at", "next_check_at"])


@transaction.atomic
def claim_prove(*, actor: User | None, claim: DomainClaim, by: str, consent: bool = False) -> Domain | None:
    """The claim becomes a domain of its account, proved ``by`` (Domain.Proof); whoever waits for the name, or
    one above or below, hears that it is taken. None: the claim is gone. Raises Refused when another account
    was faster; Denied."""
    domains.names_lock(claim.account)
    row = _locked(claim.pk)
    if row is None:
        return None
    row.delete()
    domain = domains.domain_add(
        actor=actor, account=row.account, name=row.name, proof=by, counted=True, consent=consent
    )
    _tell_others(domain)
    return domain


@transaction.atomic
def claims_expire(*, now: datetime) -> int:
    """Those that nobody proved for proof.LIFE; how many."""
    many: int = (
        DomainClaim.objects.filter(created_at__lt=now - proof.LIFE)
        .delete()[1]
        .get(DomainClaim._meta.label, 0)
    )
    return many


def may_decide(actor: User | None) -> bool:
    """Whether somebody works for the provider and Django admin lets them decide about claims."""
    if actor is None or not actor.is_staff or actor.acting_for:
        return False
    return actor.has_perm("accounts.change_domainclaim")


def _allowed(actor: User | None, claim: DomainClaim) -> None:
    if not may_decide(actor):
        require(actor, Right.DOMAINS, account=claim.account)


def judged(claim: DomainClaim, found: Finding) -> tuple[str, Finding]:
    """What a look is worth: a Domain.Proof, or empty and the finding with what stands against it."""
    if is_taken(claim):
        return "", found.but(Block.TAKEN)
    if found.txt == Txt.RIGHT:
        return Domain.Proof.TXT, found
    # The account may be trusted since, or the domain above be there.
    by = domains.proof_at_hand(actor=None, account=claim.account, name=claim.name)
    if by or found.ns != Servers.OURS:
        return by, found
    block = _doubt(claim)
    return ("" if block else Domain.Proof.DELEGATION), found.but(block)


def _doubt(claim: DomainClaim) -> Block:
    """Name servers are the same for all our customers: they prove a domain only where it cannot be anybody
    else's."""
    if DomainClaim.objects.filter(name=claim.name).exclude(pk=claim.pk).exists():
        return Block.RIVALS
    return Block.FORMER if had_by_another(claim.name, claim.account) else Block.NONE


def is_taken(claim: DomainClaim) -> bool:
    """Whether the name, or one above or below, is another account's domain."""
    held = Domain.objects.filter(name=claim.name).exists()
    return held or overlapping(claim.name, claim.account) is not None


def _tell_others(domain: Domain) -> None:
    labels = domain.name.split(".")
    above = [".".join(labels[i:]) for i in range(1, len(labels))]
    touched = Q(name=domain.name) | Q(name__in=above) | Q(name__endswith=f".{domain.name}")
    others = DomainClaim.objects.filter(touched).exclude(account=domain.account_id)
    others.update(seen=Finding(block=Block.TAKEN).kept(), checked_at=timezone.now())


def _locked(pk: int) -> DomainClaim | None:
    rows = DomainClaim.objects.select_for_update(of=("self",)).select_related("account__reseller")
    found: DomainClaim | None = rows.filter(pk=pk).first()
    return found
