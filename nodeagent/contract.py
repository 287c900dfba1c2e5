"""What the panel and a node say to each other: the shape of every state, batch and report.

Standard library only; both sides import it. Everything here survives a JSON round trip: strings, integers,
booleans, lists, dicts and None. Hashes travel, passwords never do.

Panel → node, task ``agent.apply`` on queue ``node.<name>``, one argument::

    {"contract": 1, "node": "mail1", "states": [{"kind", "key", "rev", "payload"}, …]}    at most 500

Panel → node, task ``agent.manifest`` and task ``agent.measure``, with one argument:
``{"contract": 1, "node": "mail1"}``.

Node → panel, task ``provision.report`` on queue ``report.<name>``, one argument, an Envelope::

    {"node": "mail1", "body": "<JSON text>", "signature": "<base64, Ed25519 over the UTF-8 bytes of body>"}

The body is one Report (see below). ``payload`` is the complete state of one object, or None for
absent; never a difference. The node ignores ``rev <= applied`` and keeps the revision of what is
absent (a tombstone)."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, TypedDict

CONTRACT = 1
BATCH_STATES = 500
MANIFEST_PAGE = 5000

TASK_APPLY = "agent.apply"
TASK_MANIFEST = "agent.manifest"
TASK_MEASURE = "agent.measure"
TASK_REPORT = "provision.report"

ROLE_MAIL = "mail"
ROLE_DNS = "dns"

LOCAL, BACKUP, REMOTE, OFF = "local", "backup", "remote", "off"
ROUTINGS = (LOCAL, BACKUP, REMOTE, OFF)


def node_queue(node: str) -> str:
    return f"node.{node}"


def report_queue(node: str) -> str:
    return f"report.{node}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MailDomain:
    """A domain whose mail this node takes. ``name``: A-labels, lower case, no trailing dot. Not ``active``:
    no longer local. ``sign_in``, ``receive``, ``send`` are over those of its mailboxes: what is off here is
    off for each. ``pop3``: whether its mailboxes may be read by POP3. ``reason``: shown to who may not sign
    in. ``account``: an opaque name; the domains that share it share ``sends_per_hour`` (recipients; 0: as
    many as they like). ``routing``, of ROUTINGS, is about incoming mail alone: LOCAL delivers it into the
    mailboxes here, BACKUP takes it and queues it for the servers that the domain's MX name before this one,
    REMOTE leaves it to those, also what our own people send there, OFF refuses it (RFC 7505). Sign-in, mail
    that is here, and sending as the domain do not ask for it. What comes for REMOTE from other servers is
    refused, and while ``receive`` is False put off with 450: they look up the MX anew at their next try."""

    KIND: ClassVar[str] = "mail_domain"
    ROLE: ClassVar[str] = ROLE_MAIL
    name: str
    active: bool = True
    sign_in: bool = True
    receive: bool = True
    send: bool = True
    pop3: bool = True
    reason: str = ""
    account: str = ""
    sends_per_hour: int = 0
    routing: str = LOCAL

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.name}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One mailbox. ``home`` is relative to the node's mail folder and unique for ever: an address made
    again after deletion has another home and inherits nothing. ``password_hash`` is in Dovecot's form,
    e.g. ``{ARGON2ID}$argon2id$…``. ``sign_in`` covers IMAP, POP3, ManageSieve and SMTP AUTH; ``send``
    SMTP AUTH alone; ``receive`` incoming mail (refused with 450 while False). ``quota_mb``: whole MiB,
    at least 1."""

    KIND: ClassVar[str] = "mailbox"
    ROLE: ClassVar[str] = ROLE_MAIL
    address: str
    password_hash: str
    home: str
    quota_mb: int
    sign_in: bool = True
    receive: bool = True
    send: bool = True
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.address}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder of a mailbox's mail: ``path`` is its Mailbox.home, always ``<domain>/<name>``, so that no
    key can mean a whole domain's mail. Present: left alone. Absent: removed for good."""

    KIND: ClassVar[str] = "home"
    ROLE: ClassVar[str] = ROLE_MAIL
    path: str

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.path}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """A signing key that the node makes and keeps. The report's ``facts`` carry ``public_key``: the base64
    DER SubjectPublicKeyInfo for the ``p=`` tag (RFC 6376 §3.6.1). ``active``: sign this domain's mail
    with it."""

    KIND: ClassVar[str] = "dkim_key"
    ROLE: ClassVar[str] = ROLE_MAIL
    domain: str
    selector: str
    active: bool = False

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.domain}/{self.selector}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RRset:
    """Names are absolute and end in a dot, lower case; ``records`` are in canonical presentation form."""

    name: str
    type: str
    ttl: int
    records: list[str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A whole zone, SOA included (the panel owns the serial). ``name``: A-labels with no trailing dot.

    ``signing``: the generations of keys that shall exist and sign here, none for a zone without DNSSEC. The
    node makes each (ECDSA P-256, RFC 8624) and keeps the private half; the report's ``facts`` carry
    ``keys``: generation (as text) → ``dnskey`` (rdata text), ``tag``, ``ds`` (rdata texts, SHA-256 and
    SHA-384).
    ``dnskeys``: the rdata texts of the keys of all name servers; each publishes beside its own those of the
    others (RFC 8901 §2.1.2)."""

    KIND: ClassVar[str] = "zone"
    ROLE: ClassVar[str] = ROLE_DNS
    name: str
    serial: int
    rrsets: list[RRset]
    signing: list[int] = dataclasses.field(default_factory=list)
    dnskeys: list[str] = dataclasses.field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.name}"


State = MailDomain | Mailbox | Home | DkimKey | Zone
KINDS: dict[str, type[State]] = {cls.KIND: cls for cls in (MailDomain, Mailbox, Home, DkimKey, Zone)}


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


class StateMessage(TypedDict):
    kind: str
    key: str
    rev: int
    payload: dict[str, Any] | None


class Batch(TypedDict):
    contract: int
    node: str
    states: list[StateMessage]


class Outcome(TypedDict):
    """What became of one state. ``rev``, when ok: the revision that the node now holds for ``key`` (it may
    be newer than the one sent); when not ok: the one that was tried. ``ok``: applied and proven; ``proof``:
    how, in English, at most 200 characters ("found by postmap and doveadm"). Not ok: ``error`` says why in
    plain words; ``permanent``: trying again unchanged cannot help."""

    key: str
    rev: int
    ok: bool
    proof: str
    error: str
    permanent: bool
    facts: dict[str, Any]


class ManifestPage(TypedDict):
    """All (key, revision, present) on the node with after < key <= upto in byte order; ``upto`` None:
    to the end."""

    after: str
    upto: str | None
    entries: list[tuple[str, int, bool]]


class Usage(TypedDict):
    address: str
    used_bytes: int
    messages: int


class Report(TypedDict, total=False):
    """The signed body. ``at``: Unix seconds of the node's clock. At least one of the other parts is
    there."""

    contract: int
    node: str
    at: float
    outcomes: list[Outcome]
    manifest: ManifestPage
    usage: list[Usage]


class Envelope(TypedDict):
    node: str
    body: str
    signature: str


class LogBatch(TypedDict):
    """Node → panel, POST to INGEST_URL: gzipped JSON, ``Authorization: Bearer <the node's ingest
    token>``. Bytes ``start`` to ``end`` of one log file. ``file`` names the file for ever, whatever it
    is called on disk. Each event is ``[offset, at, kind, ref, data, raw]``: offset of its first byte,
    Unix seconds, what sort of line, queue id or session or "", parsed fields (text from strangers),
    the line. Answers: 200 taken for good, 400 the form is wrong, 401 or 403 the token, 413 too big
    (after gunzip), 503 later. The same bytes may be sent again at any time."""

    contract: int
    node: str
    log: str
    file: str
    start: int
    end: int
    events: list[tuple[int, float, str, str, dict[str, Any], str]]
