"""Who owns what: people, accounts (customers and resellers), plans, domains, brands."""

from accounts.models.accounts import Account, Invitation, Membership, MembershipDomain, Plan
from accounts.models.acting import Acting
from accounts.models.brands import Brand, SignInRules
from accounts.models.domains import Domain, DomainClaim
from accounts.models.people import User
from accounts.models.signin import SignInPlace, TryBucket

__all__ = [
    "Account",
    "Acting",
    "Brand",
    "Domain",
    "DomainClaim",
    "Invitation",
    "Membership",
    "MembershipDomain",
    "Plan",
    "SignInPlace",
    "SignInRules",
    "TryBucket",
    "User",
]
