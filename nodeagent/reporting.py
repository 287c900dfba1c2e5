"""Signed reports. The panel believes a node only with its Ed25519 signature; the queue alone proves
nothing."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nodeagent.config import ConfigError
from nodeagent.contract import CONTRACT, Answer, Envelope, ManifestPage, Outcome, Progress, Report, Usage


class Signer:
    """``key_file``: base64 of the 32 raw bytes of the node's private key."""

    def __init__(self, node: str, key_file: Path) -> None:
        self.node = node
        try:
            self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key_file.read_bytes()))
        except (OSError, ValueError) as error:
            raise ConfigError(f"SIGNING_KEY_FILE: {key_file} holds no signing key ({error})") from error

    def outcomes(self, outcomes: list[Outcome]) -> Envelope:
        return self._envelope(self._report() | Report(outcomes=outcomes))

    def manifest(self, page: ManifestPage) -> Envelope:
        return self._envelope(self._report() | Report(manifest=page))

    def usage(self, usage: list[Usage]) -> Envelope:
        return self._envelope(self._report() | Report(usage=usage))

    def answer(self, answer: Answer) -> Envelope:
        return self._envelope(self._report() | Report(answer=answer))

    def progress(self, progress: list[Progress]) -> Envelope:
        return self._envelope(self._report() | Report(progress=progress))

    def _report(self) -> Report:
        return Report(contract=CONTRACT, node=self.node, at=time.time())

    def _envelope(self, report: Report) -> Envelope:
        body = json.dumps(report, ensure_ascii=False, separators=(",", ":"))
        signature = base64.b64encode(self._key.sign(body.encode())).decode()
        return Envelope(node=self.node, body=body, signature=signature)


def make_key(path: Path) -> str:
    """Make the private key at ``path`` (0600) if it is not there; the base64 of the public key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_bytes()))
    else:
        key = Ed25519PrivateKey.generate()
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(key.private_bytes_raw()) + b"\n")
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()
