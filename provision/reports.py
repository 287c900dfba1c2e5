"""A node's report: whose it is, and whether every part has the shape that the contract says.

Nodes face the internet, so nothing in a report is believed before it is checked here. Nothing here asks the
database.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nodeagent import contract

MAX_BODY = 16 * 1024 * 1024
MAX_REV = 2**53
MAX_KEY = 512
CLOCK = timedelta(minutes=15)
"""How far a node's clock may be from ours, either way, queueing included. What is older is sent anew
anyway."""

T = TypeVar("T")


class Forged(Exception):
    """Not signed by the node it names: nothing may be concluded from it about the node."""


class Unusable(Exception):
    """Signed by the node, and still not to be taken. The message says why, for the provider."""


def body_of(envelope: Any, public_key: str) -> str:
    """The signed text. ``public_key``: base64 of 32 bytes. Raises Forged."""
    try:
        body, signature = envelope["body"], envelope["signature"]
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), body.encode())
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error, InvalidSignature) as error:
        raise Forged(type(error).__name__) from error
    return str(body)


def parse(body: str, *, node: str, now: datetime) -> tuple[contract.Report, datetime]:
    """The report and the node's time of it. Raises Unusable."""
    if len(body) > MAX_BODY:
        raise Unusable("its report is too long")
    try:
        report = json.loads(body, parse_constant=lambda name: None)
        if "\\u0000" in body or "\\ud" in body.lower():
            report = _storable(report)
    except (ValueError, RecursionError) as error:
        raise Unusable("its report is not JSON") from error
    if not isinstance(report, dict) or report.get("node") != node:
        raise Unusable("its report names another node")
    if report.get("contract") != contract.CONTRACT:
        raise Unusable(
            f"it speaks contract {str(report.get('contract'))[:20]}, the panel speaks {contract.CONTRACT}"
        )
    at = _time(report.get("at"))
    if abs(now - at) > CLOCK:
        raise Unusable(f"its clock says {at:%Y-%m-%d %H:%M:%S} UTC, ours {now:%Y-%m-%d %H:%M:%S}")
    try:
        return _checked(report, at), at
    except (KeyError, TypeError, ValueError) as error:
        raise Unusable(f"its report has a part out of shape: {error!r}"[:200]) from error


def _storable(value: Any) -> Any:
    """PostgreSQL has neither NUL nor half a pair of surrogates in text; subjects and folders may."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(one) for key, one in value.items()}
    return value


def _time(value: Any) -> datetime:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not 0 < value < 1e11
    ):
        raise Unusable("its report has no time")
    return datetime.fromtimestamp(value, UTC)


def _checked(report: dict[str, Any], at: datetime) -> contract.Report:
    checked: contract.Report = {"contract": contract.CONTRACT, "node": report["node"], "at": at.timestamp()}
    if "outcomes" in report:
        checked["outcomes"] = [_outcome(outcome) for outcome in _is(report["outcomes"], list)]
    if "manifest" in report:
        checked["manifest"] = _manifest(_is(report["manifest"], dict))
    if "usage" in report:
        checked["usage"] = [_usage(usage) for usage in _is(report["usage"], list)]
    if "progress" in report:
        checked["progress"] = [_progress(progress) for progress in _is(report["progress"], list)]
    if "answer" in report:
        checked["answer"] = _answer(_is(report["answer"], dict))
    return checked


def _outcome(outcome: dict[str, Any]) -> contract.Outcome:
    return {
        "key": _key(outcome["key"]),
        "rev": _count(outcome["rev"]),
        "ok": _is(outcome["ok"], bool),
        "proof": _is(outcome.get("proof", ""), str)[:200],
        "error": _is(outcome.get("error", ""), str)[:1000],
        "permanent": _is(outcome.get("permanent", False), bool),
        "facts": _is(outcome.get("facts", {}), dict),
    }


def _manifest(page: dict[str, Any]) -> contract.ManifestPage:
    upto = page["upto"]
    after = _is(page["after"], str)
    entries = [
        (_key(key), _count(rev), _is(present, bool)) for key, rev, present in _is(page["entries"], list)
    ]
    inside = all(after < key and (upto is None or key <= upto) for key, _, _ in entries)
    if not inside or len({key for key, _, _ in entries}) != len(entries):
        raise ValueError("manifest")
    return {"after": after, "upto": None if upto is None else _key(upto), "entries": entries}


def _usage(usage: dict[str, Any]) -> contract.Usage:
    return {
        "address": _key(usage["address"]),
        "used_bytes": _count(usage["used_bytes"], 2**60),
        "messages": _count(usage["messages"], 2**31 - 1),
    }


def _progress(progress: dict[str, Any]) -> contract.Progress:
    return {
        "id": _key(progress["id"]),
        "state": _key(progress["state"]),
        "done": _count(progress["done"], 2**62),
        "total": _count(progress["total"], 2**62),
        "note": _is(progress.get("note", ""), str)[:1000],
        "facts": _is(progress.get("facts", {}), dict),
    }


def _answer(answer: dict[str, Any]) -> contract.Answer:
    return {
        "id": _key(answer["id"]),
        "result": answer.get("result"),
        "error": _is(answer.get("error", ""), str)[:1000],
    }


def _key(value: Any) -> str:
    key = _is(value, str)
    if not 0 < len(key) <= MAX_KEY:
        raise ValueError("key")
    return key


def _count(value: Any, most: int = MAX_REV) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError("number")
    return value


def _is(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(kind.__name__)
    return value
