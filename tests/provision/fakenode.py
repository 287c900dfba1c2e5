"""A node without servers: takes batches, keeps a ledger as the contract says, signs its reports."""

from __future__ import annotations

import base64
import json
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from nodeagent import contract
from provision.models import Node


class FakeNode:
    def __init__(self, name: str = "mail1", **fields: Any) -> None:
        self.private = Ed25519PrivateKey.generate()
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.node = Node.objects.create(
            name=name,
            host=f"{name}.postroom.test",
            public_key=base64.b64encode(raw).decode(),
            ingest_token_hash="0" * 64,
            **{"roles": ["mail", "dns"], "last_report_at": timezone.now(), **fields},
        )
        self.ledger: dict[str, tuple[int, dict[str, Any] | None]] = {}
        self.refuse: dict[str, str] = {}

    def apply(self, batch: contract.Batch) -> contract.Envelope:
        """What the agent does with one batch, and its report."""
        assert batch["node"] == self.node.name
        assert len(batch["states"]) <= contract.BATCH_STATES
        return self.report(outcomes=[self._apply(state) for state in batch["states"]])

    def _apply(self, state: contract.StateMessage) -> contract.Outcome:
        key = state["key"]
        held = self.ledger.get(key, (0, None))[0]
        if state["rev"] > held and key in self.refuse:
            return outcome(key, state["rev"], error=self.refuse[key])
        if state["rev"] > held:
            self.ledger[key] = (state["rev"], state["payload"])
        return outcome(key, self.ledger[key][0])

    def manifest(self, after: str = "", size: int = contract.MANIFEST_PAGE) -> contract.ManifestPage:
        keys = sorted(key for key in self.ledger if key > after)
        page = keys[:size]
        return {
            "after": after,
            "upto": page[-1] if len(keys) > size else None,
            "entries": [(key, self.ledger[key][0], self.ledger[key][1] is not None) for key in page],
        }

    def report(self, *, at: float | None = None, **parts: Any) -> contract.Envelope:
        body = {
            "contract": contract.CONTRACT,
            "node": self.node.name,
            "at": at or timezone.now().timestamp(),
            **parts,
        }
        return self.sign(json.dumps(body))

    def sign(self, body: str) -> contract.Envelope:
        signature = base64.b64encode(self.private.sign(body.encode())).decode()
        return {"node": self.node.name, "body": body, "signature": signature}


def outcome(key: str, rev: int, *, error: str = "", **more: Any) -> contract.Outcome:
    usual: contract.Outcome = {
        "key": key,
        "rev": rev,
        "ok": not error,
        "proof": "" if error else "found by the fake",
        "error": error,
        "permanent": False,
        "facts": {},
    }
    return cast(contract.Outcome, usual | more)
