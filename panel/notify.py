"""Who hears of what by mail: finds the people, their brand and their words, and writes the notices.

What happens to customers arrives through accounts.events; ``listen`` is called once, by PanelConfig.ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import ngettext

from accounts import events
from accounts.branding.select import brand_of, panel_url_for
from accounts.clients import GRACE
from accounts.limits.wording import amount, label
from accounts.models import Account, Domain, Membership, Plan, User
from delivery.alerts.words import told as alert_words
from delivery.models import Alert
from mailboxes.compromise.words import words
from mailboxes.models import Compromise, Mailbox
from notices.services import notice_send

_SWITCHES = {"no_sign_in": "sign_in", "no_receive": "receive", "no_send": "send"}
_WORDS = (Domain.Proof.TRUSTED, Domain.Proof.STAFF)  # nobody looked at the DNS
_LEADERS = (Membership.Role.OWNER, Membership.Role.MANAGER)


def listen() -> None:
    events.on("suspended", suspended)
    events.on("resumed", resumed)
    events.on("domain_proved", domain_proved)
    events.on("client_deleted", client_deleted)
    events.on("plan_changed", plan_changed)
    events.on("compromised", compromised)
    events.on("alert", alert)


def leaders(account: Account, domain: Domain | None = None) -> list[User]:
    """The owners and managers, without those whose place is for other domains. One query."""
    reach = Q(memberships__all_domains=True)
    if domain is not None:
        reach |= Q(memberships__scopes__domain=domain)
    here = Q(memberships__account=account, memberships__role__in=_LEADERS)
    return list(User.objects.filter(here & reach, is_active=True).distinct().order_by("pk"))


def tell(
    people: Iterable[User],
    kind: str,
    account: Account,
    context: dict[str, Any] | Callable[[], dict[str, Any]],
    **extra: Any,
) -> None:
    """In the brand that the people of ``account`` see. A path under ``url`` becomes an address of theirs.
    ``context`` is a function where words are in it: it is called for each reader, in their language."""
    brand, panel_url = brand_of(account), panel_url_for(account)

    def said() -> dict[str, Any]:
        values = context() if callable(context) else context
        return values | {"url": f"{panel_url}{values['url']}"} if values.get("url") else values

    for person in people:
        notice_send(kind=kind, to=person.email, user_id=person.pk, context=said, brand=brand, **extra)


def suspended(*, target: Any, actor: Any = None) -> None:
    _suspension("suspension", target)


def resumed(*, target: Any, actor: Any = None) -> None:
    _suspension("resumed", target)


def domain_proved(*, domain: Domain, actor: Any = None) -> None:
    context = {
        "name": domain.display_name,
        "account": domain.account.name,
        "word": domain.proof in _WORDS,
        "url": reverse("domain-overview", args=[domain.name]),
    }
    tell(leaders(domain.account, domain), "domain_proved", domain.account, context)


def client_deleted(*, account: Account, actor: Any = None) -> None:
    by = account.reseller.name if account.reseller and not getattr(actor, "is_superuser", False) else ""
    context = {"account": account.name, "days": GRACE.days, "by": by}
    tell(leaders(account), "account_deleted", account, context)


def compromised(*, target: Compromise, actor: Any = None) -> None:
    """Its owner hears of it; so does the reseller above, who is asked when the owner cannot be reached."""
    domain = target.mail_domain.domain

    def context() -> dict[str, Any]:
        return {
            "login": target.login,
            "reasons": [words(sign) for sign in target.reasons],
            "url": reverse("stopped", args=[domain.name, target.pk]),
        }

    tell(leaders(domain.account, domain), "compromised", domain.account, context)
    if domain.account.reseller:
        tell(leaders(domain.account.reseller), "compromised", domain.account.reseller, context)


def alert(*, target: Alert, actor: Any = None) -> None:
    """Of a domain: who looks after it. Of a node or of all domains: the provider."""
    domain = target.domain
    more = {"url": f"{settings.PANEL_URL}{reverse('alerts-all')}"}
    if domain is not None:
        more = {"domain": domain.display_name, "url": reverse("alerts", args=[domain.name])}

    def context() -> dict[str, Any]:
        told = alert_words(target)
        return {"what": told.what, "why": told.why, "todo": str(told.todo)} | more

    if domain is not None:
        tell(leaders(domain.account, domain), "alert", domain.account, context)
        return
    for person in User.objects.filter(is_superuser=True, is_active=True).order_by("pk"):
        notice_send(kind="alert", to=person.email, user_id=person.pk, context=context)


def plan_changed(*, account: Account, actor: Any = None, before: Plan | None = None) -> None:
    context = {
        "account": account.name,
        "plan": account.plan.name if account.plan else "",
        "before": before.name if before else "",
        "url": f"{reverse('limits')}?account={account.pk}",
    }
    tell(leaders(account), "plan_changed", account, context)


def limit_near(
    account: Account, *, limit: str, percent: int, used: int, most: int, who: str, person: User, dedupe: str
) -> None:
    """``limit``: the column's name. ``person``: one of the account or its reseller."""

    def context() -> dict[str, Any]:
        return {
            "account": account.name,
            "limit": label(limit),
            "percent": percent,
            "used": amount(limit, used, bare=True),
            "most": amount(limit, most, bare=True),
            "who": who,
            "url": f"{reverse('limits')}?account={account.pk}",
        }

    tell([person], "limit_near", account, context, dedupe=dedupe)


def _suspension(kind: str, target: Any) -> None:
    if isinstance(target, Mailbox):
        _one_of_many(kind, target)
    elif isinstance(target, Domain):
        context = _words("domain", target.display_name, target)
        context["url"] = reverse("domain-overview", args=[target.name])
        tell(leaders(target.account, target), kind, target.account, context)
    else:
        context = _words("account", target.name, target)
        tell(leaders(target), kind, target, context)
        if target.reseller and context["by"] != target.reseller.name:
            tell(leaders(target.reseller), kind, target.reseller, context)


def _words(what: str, name: str, target: Any) -> dict[str, Any]:
    return {
        "what": what,
        "name": name,
        "stops": [word for column, word in _SWITCHES.items() if getattr(target, column)],
        "reason": target.suspended_reason,
        "by": target.suspended_from,
    }


@dataclass
class _Together:
    """Mailboxes that one transaction suspended or woke: one mail for a domain, not one for each."""

    kind: str
    boxes: dict[int, list[Mailbox]] = field(default_factory=dict)  # by mail domain
    ran: bool = False

    def run(self) -> None:
        self.ran = True
        for boxes in self.boxes.values():
            self._tell(boxes)

    def _tell(self, boxes: list[Mailbox]) -> None:
        first = boxes[0]
        domain = Domain.objects.select_related("account__reseller").get(mail=first.mail_domain_id)

        def context() -> dict[str, Any]:
            name = first.address
            if len(boxes) > 1:
                text = ngettext("%(name)s and %(n)d more", "%(name)s and %(n)d more", len(boxes) - 1)
                name = text % {"name": first.address, "n": len(boxes) - 1}
            return _words("mailbox", name, first) | {"url": reverse("mailboxes", args=[domain.name])}

        tell(leaders(domain.account, domain), self.kind, domain.account, context)


def _one_of_many(kind: str, mailbox: Mailbox) -> None:
    hooks = [getattr(entry[1], "__self__", None) for entry in connection.run_on_commit]
    found = [hook for hook in hooks if isinstance(hook, _Together) and hook.kind == kind and not hook.ran]
    together = found[0] if found else _Together(kind)
    if not found:
        transaction.on_commit(together.run, robust=True)
    together.boxes.setdefault(mailbox.mail_domain_id, []).append(mailbox)
