"""The running stack as its endpoints.json describes it."""

from __future__ import annotations

import json
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Stack:
    """``raw`` is the file's content: panel (URL), services ({"host","port"}), ca_file, sign_ins,
    mailboxes."""

    raw: dict[str, Any]

    @classmethod
    def load(cls, path: Path | None = None) -> Stack:
        """Raises FileNotFoundError when no stack has written its endpoints."""
        default = os.environ.get("POSTROOM_ENDPOINTS", str(ROOT / "var" / "endpoints.json"))
        return cls(json.loads((path or Path(default)).read_text()))

    @property
    def panel(self) -> str:
        return str(self.raw["panel"])

    def at(self, service: str) -> tuple[str, int]:
        found = self.raw[service]
        return found["host"], found["port"]

    def tls(self) -> ssl.SSLContext:
        """Certificates are checked: a wrong name or an unknown CA is a failure here as it would be in a mail
        program."""
        return ssl.create_default_context(cafile=self.raw["ca_file"])

    def sign_in(self, role: str) -> tuple[str, str] | None:
        for row in self.raw.get("sign_ins", []):
            if row["role"] == role:
                return row["login"], row["password"]
        return None
