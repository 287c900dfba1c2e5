"""Where filters may forward to: addresses of the account itself, at once; others once they said yes by the
link that they were sent (mailboxes.addresses.consent). Never in a circle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext as _

from accounts.models import Account
from lib.errors import Refused
from mailboxes.addresses.consent import targets_ask
from mailboxes.addresses.graph import Change, circle_check, edges_from
from mailboxes.addresses.states import forwards, inside_of, targets_confirmed
from mailboxes.addresses.typed import address_of
from mailboxes.filters import rules
from mailboxes.models import DomainFilter, Filter, Forwarding, Mailbox, MailboxFilter, MailDomain
from mailboxes.sieve.composing import domain_script_wanted, scripts_wanted
from provision.services import push_enqueue


def targets_of(rows: Iterable[Filter]) -> list[str]:
    """Every address that these forward to, once."""
    return list(
        dict.fromkeys(
            action.value
            for row in rows
            for action in rules.actions_of(row.actions)
            if action.do == rules.FORWARD
        )
    )


def target_spelled(text: str) -> str:
    """As it is kept. Raises Refused at ``value``."""
    try:
        return address_of(text)
    except Refused as refused:
        raise Refused(refused.message, "value") from None


def forwards_check(owner: Mailbox | MailDomain, rows: Sequence[Filter]) -> None:
    """All filters of the owner as they are about to be. Asks those outside that were not asked yet. Inside
    the transaction. Raises Refused."""
    targets = targets_of(rows)
    if len(targets) > rules.MOST_FORWARDS:
        text = _("Filters may forward to at most %(most)d addresses together. Make a list of recipients.")
        raise Refused(text % {"most": rules.MOST_FORWARDS})
    if not targets:
        return
    if isinstance(owner, Mailbox):
        _of_mailbox(owner, targets)
    else:
        _of_domain(owner, targets)


def _of_mailbox(owner: Mailbox, targets: list[str]) -> None:
    own = Forwarding.objects.filter(mailbox=owner).values_list("targets", flat=True).first() or []
    change = Change(targets={owner.address: [*own, *targets]})
    account = owner.mail_domain.domain.account
    circle_check(account, owner.address, change, field_name="actions")
    targets_ask(mail_domain=owner.mail_domain, source=owner.address, targets=targets, field="actions")


def _of_domain(owner: MailDomain, targets: list[str]) -> None:
    """Only inside: nobody outside can say yes to the mail of a whole domain."""
    inside = inside_of(owner.domain.account, targets)
    for target in targets:
        if target not in inside:
            text = _(
                "%(address)s is not an address of yours. Filters of a domain forward only to your own ones."
            )
            raise Refused(text % {"address": target}, "actions")
        reached = set(edges_from([target], Change())) - {target}
        if any(address.endswith(f"@{owner.domain.name}") for address in reached):
            text = _("Mail to %(address)s comes back to this domain: it would go in a circle.")
            raise Refused(text % {"address": target}, "actions")


def forwards_renamed(*, account: Account, old: str, new: str) -> None:
    """Filters inside the account that forward to ``old`` forward to ``new``. Inside the transaction of a
    rename, as addresses.services.targets_renamed."""
    asked = {"do": rules.FORWARD, "value": old}
    boxes = MailboxFilter.objects.filter(
        actions__contains=[asked], owner__deleted_at=None, owner__mail_domain__domain__account=account
    )
    own = list(boxes.select_for_update(of=("self",)).order_by("pk"))
    of_domains = DomainFilter.objects.filter(actions__contains=[asked], owner__domain__account=account)
    wide = list(of_domains.select_for_update(of=("self",)).order_by("pk"))
    for row in [*own, *wide]:
        actions = [one | {"value": new} if one == asked else one for one in row.actions]
        row.actions = [one for n, one in enumerate(actions) if one not in actions[:n]]
        row.save(update_fields=["actions"])
    above = ("node", "domain__account__reseller")
    mailboxes = Mailbox.objects.filter(pk__in={row.owner_id for row in own}).select_related(
        *(f"mail_domain__{name}" for name in above)
    )
    domains = MailDomain.objects.filter(pk__in={row.owner_id for row in wide}).select_related(*above)
    wanted = [*scripts_wanted(list(mailboxes)), *(domain_script_wanted(row) for row in domains)]
    push_enqueue(actor=None, wanted=wanted)


def live(owner: Mailbox | MailDomain, targets: Collection[str]) -> set[str]:
    """Those that get mail now."""
    mail_domain = owner.mail_domain if isinstance(owner, Mailbox) else owner
    account = mail_domain.domain.account
    found = inside_of(account, targets)
    if isinstance(owner, Mailbox) and forwards(account):
        found |= targets_confirmed(owner.address) & set(targets)
    return found
