"""A new account whose owner is asked in by mail: nobody types somebody else's password."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.clients import account_new
from accounts.models import Account, Invitation, Membership, Plan
from accounts.team.invitations import invitation_send
from lib.errors import Refused


@transaction.atomic
def account_open(
    *,
    actor: Any,
    name: str,
    owner_email: str,
    kind: str = Account.Kind.CUSTOMER,
    reseller: Account | None = None,
    plan: Plan | None = None,
    trusted: bool = False,
    oversell: bool = False,
    **limits: Any,
) -> tuple[Account, Invitation]:
    """The account, and the invitation that makes the one with ``owner_email`` its owner. Raises as
    accounts.clients.account_new; Refused at ``owner_email``."""
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
    try:
        invitation = invitation_send(
            actor=actor, account=account, email=owner_email, role=Membership.Role.OWNER, all_domains=True
        )
    except Refused as refused:
        raise Refused(refused.message, "owner_email" if refused.field == "email" else refused.field) from None
    return account, invitation
