"""Delivering, holding, releasing and deleting waiting mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.access import Right, require, require_somewhere
from accounts.models import Domain
from delivery.models import QueueAction
from delivery.queue.selectors import QueueQuery, Scope, ask, scope, silent
from provision.models import Node

PATIENCE = 25.0  # seconds: a hundred thousand mails take a while
TITLE = 300
_COUNTS = ("done", "left", "proven", "gone", "again", "moving", "held")


@dataclass(slots=True)
class Outcome:
    """Over all nodes: to how many mails it was done; how many there was no time for; of how many the queue
    shows it; how many are no longer in it. After ``deliver``: ``again``, tried in vain; ``moving``, being
    tried; ``held``, not tried. ``reasons``: why some still wait."""

    did: str
    done: int = 0
    left: int = 0
    proven: int = 0
    gone: int = 0
    again: int = 0
    moving: int = 0
    held: int = 0
    reasons: list[str] = field(default_factory=list)
    silent: list[tuple[Node, str]] = field(default_factory=list)


def queue_change(
    *,
    actor: Any,
    domain: Domain | None,
    did: str,
    query: QueueQuery,
    picked: Mapping[int, Sequence[str]] | None,
    now: float,
) -> Outcome:
    """``picked``: ids by the node's key; None: all that match ``query``. Of others' mail nothing is changed,
    whatever is asked. Not in a transaction: nodes are asked. Raises Denied."""
    if domain is None:
        require_somewhere(actor, Right.MANAGE)
    else:
        require(actor, Right.MANAGE, account=domain.account, domain=domain)
    outcome = Outcome(did)
    found = scope(actor, domain, Right.MANAGE)
    for part, meant in _parts(found, query, picked, now):
        answers = ask(part, "queue_change", {"do": did, **meant}, "" if picked else query.node, PATIENCE)
        _record(actor, found, did, meant, answers)
        outcome.silent.extend(silent(answers))
        for answer in (one for one in answers.values() if isinstance(one, dict)):
            _add(outcome, answer)
    return outcome


def _parts(
    found: Scope, query: QueueQuery, picked: Mapping[int, Sequence[str]] | None, now: float
) -> list[tuple[Scope, dict[str, Any]]]:
    """Which nodes are told what."""
    if picked is None:
        return [(found, query.meant(now))]
    return [
        (Scope([node], found.houses, found.domains), {"ids": list(picked[node.pk])})
        for node in found.nodes
        if picked.get(node.pk)
    ]


def _add(outcome: Outcome, answer: dict[str, Any]) -> None:
    for name in _COUNTS:
        setattr(outcome, name, getattr(outcome, name) + int(answer.get(name, 0)))
    outcome.reasons = list(dict.fromkeys([*outcome.reasons, *answer["reasons"]]))[:3]


@transaction.atomic
def _record(actor: Any, found: Scope, did: str, meant: dict[str, Any], answers: Mapping[Node, Any]) -> None:
    """A row for each domain whose mail was changed; where nothing was, none."""
    who = getattr(actor, "email", "")
    known = found.domains
    for node, answer in answers.items():
        rows: list[tuple[int | None, int | None, str, int | None]] = []
        if not isinstance(answer, dict):  # perhaps done, perhaps not
            pk = next(iter(known.values())) if len(known) == 1 else None
            rows.append((pk, None, "", None))
        else:
            names = known or dict(Domain.objects.filter(name__in=answer["by"]).values_list("name", "pk"))
            proven = int(answer["proven"])
            rows = [
                (names.get(name), int(many), _title(answer["mails"], name), min(proven, int(many)))
                for name, many in answer["by"].items()
            ]
        QueueAction.objects.bulk_create(
            QueueAction(
                domain_id=pk,
                node=node.name,
                who=who,
                did=did,
                title=title,
                meant=meant,
                done=done,
                proven=seen,
            )
            for pk, done, title, seen in rows
        )


def _title(mails: Sequence[dict[str, Any]], domain: str) -> str:
    """“ana@luna.test → x@far.test; …”."""
    said = []
    for mail in mails:
        if mail["whose"] == domain:
            more = f" +{mail['all'] - len(mail['to'])}" if mail["all"] > len(mail["to"]) else ""
            said.append(f"{mail['sender'] or '<>'} → {', '.join(mail['to'])}{more}")
    text = "; ".join(said)
    return text if len(text) <= TITLE else text[: TITLE - 1] + "…"
