"""A domain's mail: placed on a node, and taken from it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Right, guard_domain, require
from accounts.models import Domain
from accounts.services import account_lock
from accounts.suspension import above_check
from lib.errors import Refused
from mailboxes.models import DkimKey, Mailbox, MailDomain
from mailboxes.services.dkim import records_withdraw, selector_next
from mailboxes.services.ending import mailboxes_end
from mailboxes.services.parts import domain_parts
from mailboxes.services.wanted import dkim_wanted, mail_domain_wanted
from nodeagent import contract
from provision.models import Node, Push
from provision.services import Wanted, push_enqueue


@transaction.atomic
def mail_domain_create(*, actor: Any, domain: Domain, node: Node) -> MailDomain:
    """Take mail for ``domain`` on ``node`` and have a signing key made there, used once resolvers show it."""
    require(actor, Right.DOMAINS, account=domain.account)
    if contract.ROLE_MAIL not in node.roles:
        raise Refused(_("%(node)s takes no mail. Choose a node with the role “mail”.") % {"node": node.name})
    if MailDomain.objects.filter(domain=domain).exists():
        raise Refused(_("Mail for %(domain)s is already taken here.") % {"domain": domain.display_name})
    mail_domain = MailDomain.objects.create(domain=domain, node=node)
    key = DkimKey.objects.create(
        mail_domain=mail_domain, node=node, selector=selector_next(domain.name, node)
    )
    wanted = [mail_domain_wanted(mail_domain), dkim_wanted(key), *domain_parts(mail_domain, absent=False)]
    push_enqueue(actor=actor, wanted=wanted)
    return mail_domain


@transaction.atomic
def mail_domains_push(actor: Any, domain_ids: Collection[int]) -> None:
    """Tell nodes what these domains may do now (accounts.changes). Under their locks, and read after: whoever
    pushes last knows what those before have changed."""
    mine = MailDomain.objects.filter(domain__in=domain_ids)
    keys = list(mine.select_for_update().order_by("pk").values_list("pk", flat=True))
    rows = MailDomain.objects.filter(pk__in=keys)
    rows = rows.select_related("node", "domain__account__reseller", "alias_of__domain")
    push_enqueue(actor=actor, wanted=[mail_domain_wanted(row) for row in rows])


@transaction.atomic
def mail_domains_renew(node: Node) -> None:
    """Tell a node what an older panel did not say of its domains yet (provision.kinds.register_node)."""
    said = Push.objects.filter(node=node, kind=contract.MailDomain.KIND, payload__isnull=False)
    names = said.exclude(payload__has_key="routing").values_list("domain", flat=True)
    mail_domains_push(None, list(names))


def domain_deletable(*, actor: Any, domain: Domain) -> None:
    """Raises Denied: without the right; where the key of somebody above would go; and for what somebody above
    suspended, the account, the domain or a mailbox in it: added again, or elsewhere, it would be free."""
    require(actor, Right.DOMAINS, account=domain.account, domain=domain)
    guard_domain(actor, domain)
    for row in (domain.account, domain):
        above_check(row, actor=actor, account=domain.account)
    suspended = Mailbox.objects.present().filter(mail_domain__domain=domain, suspended_at__isnull=False)
    highest = suspended.order_by("-suspended_rank").first()
    if highest:
        above_check(highest, actor=actor, account=domain.account)


def _aliases_end(mail_domain: MailDomain) -> list[Wanted]:
    """Domains that are aliases of this one stand for themselves again, without addresses."""
    rows = MailDomain.objects.filter(alias_of=mail_domain).select_related("node", "domain__account__reseller")
    wanted: list[Wanted] = []
    for row in rows:
        row.alias_of = None
        row.save(update_fields=["alias_of"])
        wanted += [mail_domain_wanted(row), *domain_parts(row, absent=False)]
    return wanted


@transaction.atomic
def mail_domain_delete(*, actor: Any, mail_domain: MailDomain) -> None:
    """Stop taking mail for the domain: mailboxes, keys and the domain itself become absent on the node. The
    mail is kept for its grace time, which the pushes themselves wait for, as the rows go now. A domain made
    again gets new homes and sees none of it."""
    domain_deletable(actor=actor, domain=mail_domain.domain)
    account_lock(mail_domain.domain.account)  # whoever makes a mailbox there now waits, then finds no domain
    keys = list(mail_domain.dkim_keys.select_related("node", "mail_domain__domain"))
    records_withdraw(actor=actor, mail_domain=mail_domain)
    mailboxes_end(actor=actor, mail_domain=mail_domain)
    wanted = [
        *domain_parts(mail_domain, absent=True),
        *(dkim_wanted(key, absent=True) for key in keys),
        mail_domain_wanted(mail_domain, absent=True),
        *_aliases_end(mail_domain),
    ]
    mail_domain.delete()
    push_enqueue(actor=actor, wanted=wanted)
