"""Who may do what. Services ask here, so that no route goes around it.

What somebody may not even see is a 404 (``visible_to``); what they see and may not do is a 403 (Denied).
"""

from accounts.access.lookups import (
    account_or_404,
    accounts_where,
    accounts_with,
    domain_or_404,
    domains_where,
    one_account_or_404,
)
from accounts.access.protection import guard, guard_domain, place_of, protects, protects_domain
from accounts.access.rights import (
    RANK,
    RANK_PROVIDER,
    RANK_RESELLER,
    RIGHTS,
    Right,
    covers,
    is_provider,
    may,
    may_somewhere,
    rank_in,
    require,
    require_provider,
    require_somewhere,
)

__all__ = [
    "RANK",
    "RANK_PROVIDER",
    "RANK_RESELLER",
    "RIGHTS",
    "Right",
    "account_or_404",
    "accounts_where",
    "accounts_with",
    "covers",
    "domain_or_404",
    "domains_where",
    "guard",
    "guard_domain",
    "is_provider",
    "may",
    "may_somewhere",
    "one_account_or_404",
    "place_of",
    "protects",
    "protects_domain",
    "rank_in",
    "require",
    "require_provider",
    "require_somewhere",
]
