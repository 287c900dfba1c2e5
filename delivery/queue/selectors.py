"""Whose waiting mail, on which nodes; and what those say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from accounts.access import Right, domains_where, is_provider
from accounts.models import Domain
from provision import asking
from provision.models import Node

PAGE = 50
PATIENCE = 8.0  # seconds: a look at 100,000 waiting mails takes 3 to 5 on a busy node
Place = tuple[int, str]  # of a mail in lists: Unix seconds of its arrival, its id


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueQuery:
    """``sender``, ``to`` and ``why`` are parts of texts; ``to`` with an @ in front is a domain. ``state``:
    a queue of Postfix's; ``older``: seconds; ``id``: of one mail; ``node``: its name. ``after``: the last
    mail of the page before."""

    sender: str = ""
    to: str = ""
    why: str = ""
    state: str = ""
    older: int | None = None
    id: str = ""
    node: str = ""
    newest: bool = False
    after: Place | None = None

    def meant(self, now: float) -> dict[str, Any]:
        """As a node is told; only what is asked for."""
        domain = self.to[1:] if self.to.startswith("@") else ""
        told = {
            "sender": self.sender,
            "recipient": "" if domain else self.to,
            "recipient_domain": domain,
            "reason": self.why,
            "queue": self.state,
            "before": int(now) - self.older if self.older else None,
            "ids": [self.id] if self.id else None,
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Scope:
    """``houses``: whose outgoing mail (nodeagent.queue.selection.House); None: all mail, in and out.
    ``domains``: by name, the keys of those."""

    nodes: list[Node]
    houses: list[dict[str, Any]] | None
    domains: dict[str, int]

    def told(self) -> dict[str, Any]:
        return {} if self.houses is None else {"houses": self.houses}


@dataclass(frozen=True, slots=True)
class Listed:
    """``mails``: (node, what it tells of the mail). ``silent``: (node, why). ``states``: how many in each
    queue."""

    mails: list[tuple[Node, dict[str, Any]]] = field(default_factory=list)
    all: int = 0
    bytes: int = 0
    more: bool = False
    states: dict[str, int] = field(default_factory=dict)
    silent: list[tuple[Node, str]] = field(default_factory=list)


def scope(user: Any, domain: Domain | None, right: Right) -> Scope:
    """The mail that the domain sends, or all domains that the person has ``right`` for; the provider's own
    see all mail there. The caller has fetched ``domain`` for this person."""
    if domain is None and is_provider(user):
        return Scope(list(mail_nodes()), None, {})
    rows = Domain.objects.filter(pk=domain.pk) if domain else domains_where(user, right)
    chosen = list(rows.values_list("name", "pk", "account_id"))
    accounts = {account for _name, _pk, account in chosen}
    family: dict[int, dict[str, int]] = {account: {} for account in accounts}
    known = Domain.objects.filter(account__in=accounts).values_list("account_id", "name", "created_at")
    for account, name, since in known:
        family[account][name] = int(since.timestamp())
    houses = [
        {"domains": [name for name, _pk, of in chosen if of == account], "family": family[account]}
        for account in sorted(accounts)
    ]
    nodes = Node.objects.filter(mail_domains__domain__in=[pk for _name, pk, _account in chosen]).distinct()
    return Scope(list(nodes), houses, {name: pk for name, pk, _account in chosen})


def mail_nodes() -> QuerySet[Node]:
    return Node.objects.filter(roles__contains=["mail"])


def listed(found: Scope, query: QueueQuery, now: float, limit: int = PAGE) -> Listed:
    """A page of all nodes together; one question to each."""
    page = {"limit": limit, "newest": query.newest, "after": list(query.after) if query.after else None}
    answers = ask(found, "queue", query.meant(now) | page, query.node)
    heard = {node: answer for node, answer in answers.items() if isinstance(answer, dict)}
    mails = [(node, mail) for node, answer in heard.items() for mail in answer["mails"]]
    mails.sort(key=lambda one: (one[1]["at"], one[1]["id"]), reverse=query.newest)
    states: dict[str, int] = {}
    for answer in heard.values():
        for name, many in answer["queues"].items():
            states[name] = states.get(name, 0) + many
    return Listed(
        mails=mails[:limit],
        all=sum(answer["all"] for answer in heard.values()),
        bytes=sum(answer["bytes"] for answer in heard.values()),
        more=len(mails) > limit or any(answer["more"] for answer in heard.values()),
        states=states,
        silent=silent(answers),
    )


def these(found: Scope, ids: Mapping[int, Collection[str]], limit: int = PAGE) -> Listed:
    """Of chosen mails, by the key of their node, those that are there."""
    total = Listed()
    for node in found.nodes:
        if ids.get(node.pk):
            one = Scope([node], found.houses, found.domains)
            answers = ask(one, "queue", {"ids": list(ids[node.pk]), "limit": limit})
            for answer in (value for value in answers.values() if isinstance(value, dict)):
                total.mails.extend((node, mail) for mail in answer["mails"])
            total.silent.extend(silent(answers))
    return total


def silent(answers: Mapping[Node, Any]) -> list[tuple[Node, str]]:
    return [(node, str(one)) for node, one in answers.items() if isinstance(one, asking.NodeSilent)]


def ask(
    found: Scope, what: str, args: dict[str, Any], node: str = "", patience: float = PATIENCE
) -> dict[Node, Any]:
    """Each node's answer, or its asking.NodeSilent. ``node``: only this one."""
    nodes = [one for one in found.nodes if not node or one.name == node]
    if not nodes:
        return {}
    answers = asking.ask_all(nodes, what, found.told() | args, patience)
    return {one: answers[one.pk] for one in nodes}
