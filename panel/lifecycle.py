"""What spans the apps: a domain is an owner's name, a zone and a place for its mail, and comes and goes as
one."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import domains
from accounts.access import Right, may, require
from accounts.domains import claims
from accounts.events import emit
from accounts.models import Account, Domain, DomainClaim, User
from dnszone import provider
from dnszone import services as dnszone
from lib.errors import Denied
from mailboxes import services as mailboxes
from provision.models import Node
from provision.placement import node_for


@transaction.atomic
def domain_take(
    *, actor: User | None, account: Account, name: str, consent: bool = False, node: Node | None = None
) -> Domain | DomainClaim:
    """The one way in for people: ``name``, as typed, becomes a domain at once if nothing has to be proved,
    else a claim that waits. ``consent``: the provider's staff has the word of whoever has the domain above or
    below. ``node``: where its mail shall live, chosen by the provider. Raises Refused with field ``name`` for
    a name that cannot be taken, or without a field for a limit; Denied."""
    require(actor, Right.DOMAINS, account=account)
    ascii_name, display = domains.name_wanted(name)
    provider.refuse_ours(ascii_name, display)
    proof = domains.proof_at_hand(actor=actor, account=account, name=ascii_name)
    if not proof:
        return claims.claim_make(actor=actor, account=account, name=ascii_name)
    waiting = DomainClaim.objects.filter(account=account, name=ascii_name).first()
    if waiting is not None:
        domain = claim_prove(actor=actor, claim=waiting, proof=proof, consent=consent, node=node)
        if domain is not None:
            return domain
    return domain_create(
        actor=actor, account=account, name=ascii_name, proof=proof, consent=consent, node=node
    )


@transaction.atomic
def domain_create(
    *,
    actor: User | None,
    account: Account,
    name: str,
    proof: str,
    consent: bool = False,
    node: Node | None = None,
) -> Domain:
    """Take ``name`` (as typed), proved by ``proof`` (Domain.Proof), into ``account`` with its zone and its
    mail; all of it or nothing. Raises as domain_take."""
    provider.refuse_ours(*domains.name_wanted(name))
    domain = domains.domain_add(actor=actor, account=account, name=name, proof=proof, consent=consent)
    _furnish(actor, domain, consent=consent, node=node)
    return domain


@transaction.atomic
def claim_prove(
    *, actor: User | None, claim: DomainClaim, proof: str, consent: bool = False, node: Node | None = None
) -> Domain | None:
    """What waited is a domain now, with zone and mail, and its people hear of it. None: the claim is gone.
    Raises Refused when somebody else was faster; Denied."""
    provider.refuse_ours(claim.name, claim.display_name)
    domain = claims.claim_prove(actor=actor, claim=claim, by=proof, consent=consent)
    if domain is not None:
        _furnish(actor, domain, consent=consent, node=node)
        emit("domain_proved", domain=domain, actor=actor)
    return domain


@transaction.atomic
def claim_accept(*, actor: User, claim: DomainClaim, consent: bool = False) -> Domain | None:
    """Without a look into DNS, on the word of the provider's staff, or of a reseller that is trusted. Its
    name is kept in the history. Raises Denied; Refused as claim_prove."""
    proof = domains.proof_at_hand(actor=actor, account=claim.account, name=claim.name)
    above = claim.account.reseller
    if proof == Domain.Proof.TRUSTED and not (above and may(actor, Right.CLIENTS, account=above)):
        proof = ""
    if proof not in {Domain.Proof.STAFF, Domain.Proof.TRUSTED} and claims.may_decide(actor):
        # In the provider's name: a helper at the desk has no rights in the account itself.
        return claim_prove(actor=None, claim=claim, proof=Domain.Proof.STAFF, consent=consent)
    if proof not in {Domain.Proof.STAFF, Domain.Proof.TRUSTED}:
        raise Denied(_("Only the provider, or a reseller it trusts, can take a domain without proof."))
    return claim_prove(actor=actor, claim=claim, proof=proof, consent=consent)


@transaction.atomic
def domain_delete(*, actor: User | None, domain: Domain) -> None:
    """Take the domain away from the nodes and the panel: mailboxes, signing keys, records, then the name
    itself. Raises Denied as mailboxes.services.domain_deletable."""
    mailboxes.domain_deletable(actor=actor, domain=domain)
    if hasattr(domain, "mail"):
        mailboxes.mail_domain_delete(actor=actor, mail_domain=domain.mail)
    if hasattr(domain, "zone"):
        dnszone.zone_delete(actor=actor, zone=domain.zone)
    domains.domain_remove(actor=actor, domain=domain)


def _furnish(actor: User | None, domain: Domain, *, consent: bool, node: Node | None) -> None:
    node = node_for(actor=actor, account=domain.account, chosen=node)
    agreed = consent and domain.proof == Domain.Proof.STAFF
    dnszone.zone_create(actor=actor, domain=domain, mail_node=node, consent=agreed)
    mailboxes.mail_domain_create(actor=actor, domain=domain, node=node)
