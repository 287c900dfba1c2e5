"""What travels: batches there, reports back."""

from __future__ import annotations

from typing import Any, TypedDict


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


class Ask(TypedDict):
    """``id``: a UUID as text, for the answer. ``what``: the name of the question (nodeagent.asks)."""

    contract: int
    node: str
    id: str
    what: str
    args: dict[str, Any]


class Answer(TypedDict):
    """``error``: in plain words, why there is no ``result``; empty when there is one."""

    id: str
    result: Any
    error: str


class Progress(TypedDict):
    """How far a Job is. ``state``: waiting, running, paused, done or failed; ``done`` of ``total`` (0: not
    known yet); ``note``: one line, in English; ``facts``: what the kind of work tells besides."""

    id: str
    state: str
    done: int
    total: int
    note: str
    facts: dict[str, Any]


class Report(TypedDict, total=False):
    """The signed body. ``at``: Unix seconds of the node's clock. At least one of the other parts is
    there."""

    contract: int
    node: str
    at: float
    outcomes: list[Outcome]
    manifest: ManifestPage
    usage: list[Usage]
    answer: Answer
    progress: list[Progress]


class Envelope(TypedDict):
    node: str
    body: str
    signature: str


class Joining(TypedDict):
    """Node → panel, POST to JOIN_URL, ``Authorization: Bearer <the token of its invitation>``: the public
    halves of its keys (base64 of 32 bytes: Ed25519, X25519) and the digests of its secrets (SHA-256, hex).
    Answers: 200 it is in, 400 one of them is none, 404 there is no such invitation (yet). The same may be
    sent again."""

    contract: int
    node: str
    public_key: str
    sealing_key: str
    ingest_token_hash: str
    broker_hash: str


class LogBatch(TypedDict):
    """Node → panel, POST to INGEST_URL: gzipped JSON, ``Authorization: Bearer <the node's ingest
    token>``. Bytes ``start`` to ``end`` of one log file. ``file`` names the file for ever, whatever it
    is called on disk. Each event is ``[offset, at, kind, ref, data, raw]``: offset of its first byte,
    Unix seconds, what sort of line, queue id or session or "", parsed fields (text from strangers),
    the line. Answers: 200 taken for good, 400 the form is wrong, 401 or 403 the token, 413 too big
    (after gunzip), 503 later. The same bytes may be sent again at any time. Several of them may come
    in one post as ``{"contract", "node", "batches": [1 to 20 of these]}``, no byte of a file twice."""

    contract: int
    node: str
    log: str
    file: str
    start: int
    end: int
    events: list[tuple[int, float, str, str, dict[str, Any], str]]


class LogHealth(TypedDict):
    """How far one log is. ``behind``: bytes that are there and not with the panel; ``age``: seconds since the
    oldest line that is under way; ``lost``: files that went away unread, ``unparsed``: lines that fit no
    grammar, both since the shipper was started."""

    behind: int
    age: float
    lost: int
    unparsed: int


class ShipperHealth(TypedDict):
    """Node → panel, POST to ``health`` beside the INGEST_URL, as a LogBatch is posted; ``logs`` by name.
    Whatever is answered, nothing follows from it."""

    contract: int
    node: str
    logs: dict[str, LogHealth]
