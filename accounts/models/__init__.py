"""Who owns what: people, accounts (customers and resellers), plans, domains, brands."""

from accounts.models.accounts import Account, Invitation, Membership, MembershipDomain, Plan
from accounts.models.brands import Brand, SignInRules
from accounts.models.domains import Domain, DomainClaim
from accounts.models.people import User

__all__ = [
    "Account",
    "Brand",
    "Domain",
    "DomainClaim",
    "Invitation",
    "Membership",
    "MembershipDomain",
    "Plan",
    "SignInRules",
    "User",
]
