"""What the panel and a node say to each other: the shape of every state, batch and report.

Standard library only; both sides import it. Everything here survives a JSON round trip: strings, integers,
booleans, lists, dicts and None. Hashes travel, passwords never do.

Panel → node, task ``agent.apply`` on queue ``node.<name>``, one argument::

    {"contract": 1, "node": "mail1", "states": [{"kind", "key", "rev", "payload"}, …]}    at most 500

Panel → node, task ``agent.manifest`` and task ``agent.measure``, with one argument:
``{"contract": 1, "node": "mail1"}``.

Panel → node, task ``agent.ask``, with one argument, an Ask: a question that changes nothing, or little
(folders of a mailbox, the queue). It is answered once, in a report.

Node → panel, task ``provision.report`` on queue ``report.<name>``, one argument, an Envelope::

    {"node": "mail1", "body": "<JSON text>", "signature": "<base64, Ed25519 over the UTF-8 bytes of body>"}

The body is one Report (see below). ``payload`` is the complete state of one object, or None for
absent; never a difference. The node ignores ``rev <= applied`` and keeps the revision of what is
absent (a tombstone)."""

from __future__ import annotations

import dataclasses
from typing import Any

from nodeagent.contract.belongings import Alias, Hold, Identity, Job, Limit, Login, Script
from nodeagent.contract.broker import broker_rules
from nodeagent.contract.dns import RRset, Zone
from nodeagent.contract.mail import BACKUP, LOCAL, OFF, REMOTE, ROUTINGS, DkimKey, Home, Mailbox, MailDomain
from nodeagent.contract.messages import (
    Answer,
    Ask,
    Batch,
    Envelope,
    Joining,
    LogBatch,
    LogHealth,
    ManifestPage,
    Outcome,
    Progress,
    Report,
    ShipperHealth,
    StateMessage,
    Usage,
)
from nodeagent.contract.roles import ROLE_DNS, ROLE_MAIL, ROLE_SECONDARY

CONTRACT = 1
BATCH_STATES = 500
MANIFEST_PAGE = 5000

TASK_APPLY = "agent.apply"
TASK_MANIFEST = "agent.manifest"
TASK_MEASURE = "agent.measure"
TASK_ASK = "agent.ask"
TASK_REPORT = "provision.report"


def node_queue(node: str) -> str:
    return f"node.{node}"


def report_queue(node: str) -> str:
    return f"report.{node}"


State = MailDomain | Mailbox | Home | DkimKey | Zone | Alias | Login | Identity | Limit | Hold | Script | Job
_STATES: tuple[type[State], ...] = (
    MailDomain, Mailbox, Home, DkimKey, Zone, Alias, Login, Identity, Limit, Hold, Script, Job,
)  # fmt: skip
KINDS: dict[str, type[State]] = {cls.KIND: cls for cls in _STATES}


def to_payload(state: State) -> dict[str, Any]:
    """The fields of ``state``, its lists its own. Not dataclasses.asdict, which takes a second for a zone of
    20,000 records."""
    payload = {field.name: getattr(state, field.name) for field in dataclasses.fields(state)}
    if isinstance(state, Zone):
        rrsets = [
            {"name": one.name, "type": one.type, "ttl": one.ttl, "records": list(one.records)}
            for one in state.rrsets
        ]
        payload |= {"rrsets": rrsets, "signing": list(state.signing), "dnskeys": list(state.dnskeys)}
    return payload


def from_payload(kind: str, payload: dict[str, Any]) -> State:
    """Build the state of ``kind``. Unknown fields are refused: a newer panel speaks to newer nodes only.

    Raises KeyError for an unknown kind, TypeError for fields that do not fit.
    """
    if kind == Zone.KIND:
        payload = payload | {"rrsets": [RRset(**rrset) for rrset in payload["rrsets"]]}
    return KINDS[kind](**payload)


__all__ = [
    "BACKUP",
    "BATCH_STATES",
    "CONTRACT",
    "KINDS",
    "LOCAL",
    "MANIFEST_PAGE",
    "OFF",
    "REMOTE",
    "ROLE_DNS",
    "ROLE_MAIL",
    "ROLE_SECONDARY",
    "ROUTINGS",
    "TASK_APPLY",
    "TASK_ASK",
    "TASK_MANIFEST",
    "TASK_MEASURE",
    "TASK_REPORT",
    "Alias",
    "Answer",
    "Ask",
    "Batch",
    "DkimKey",
    "Envelope",
    "Hold",
    "Home",
    "Identity",
    "Job",
    "Joining",
    "Limit",
    "LogBatch",
    "LogHealth",
    "Login",
    "MailDomain",
    "Mailbox",
    "ManifestPage",
    "Outcome",
    "Progress",
    "RRset",
    "Report",
    "Script",
    "ShipperHealth",
    "State",
    "StateMessage",
    "Usage",
    "Zone",
    "broker_rules",
    "from_payload",
    "node_queue",
    "report_queue",
    "to_payload",
]
