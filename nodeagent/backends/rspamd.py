"""DKIM keys: made here once, never leave; ``selectors.map`` tells rspamd which one signs for a domain."""

from __future__ import annotations

import base64
import contextlib
import grp
import json
import os
import pwd
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from nodeagent.backends.base import BackendError, Proof
from nodeagent.backends.http import request
from nodeagent.contract import DkimKey
from nodeagent.ledger import Held
from nodeagent.payload import Item

KEY_BITS = 2048  # RFC 8301 §3.2
PROOF_SECONDS = 5.0
PAUSE_SECONDS = 0.1
MAP = "selectors.map"


class RspamdBackend:
    """``folder`` holds ``DOMAIN.SELECTOR.key`` and the map; ``url``: a worker of rspamd that answers
    ``/checkv2``.

    rspamd looks at the map every ``map_watch_interval`` (1 s in our configuration), hence the bounded
    polling."""

    kind = DkimKey.KIND

    def __init__(self, folder: Path, url: str, *, group: str = "", password_file: Path | None = None) -> None:
        self.folder = folder
        self.url = url.rstrip("/")
        self.gid = grp.getgrnam(group).gr_gid if group else -1
        self.password_file = password_file
        self._pending: dict[tuple[str, str], bool] = {}
        self._pending_lock = threading.Lock()
        self._map_lock = threading.Lock()

    def prepare(self, owner: str = "") -> None:
        """The map must be there before rspamd starts. ``owner``: who runs the agent, when this runs as
        root."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / MAP
        if not path.exists():
            self._write(path, b"", replace=False)
        if owner:
            os.chown(path, pwd.getpwnam(owner).pw_uid, -1)

    def apply(self, item: Item) -> Proof:
        domain, selector = item.parts
        path = self.folder / f"{domain}.{selector}.key"
        if not isinstance(item.state, DkimKey):
            self._sign_with(domain, selector, False)
            path.unlink(missing_ok=True)
            return Proof(text="key and selector removed")
        facts = {"public_key": self._public_key(path)}
        self._sign_with(domain, selector, item.state.active)
        if item.state.active:
            self._prove_signing(domain, selector)
            return Proof(text="a test message came back signed", facts=facts)
        return Proof(text="key made, not signing yet", facts=facts)

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        return [
            entry.key for entry in entries if entry.present != (self.folder / _file_of(entry.key)).exists()
        ]

    def _public_key(self, path: Path) -> str:
        """Base64 of the DER SubjectPublicKeyInfo. Makes the key if there is none; one that is there is never
        replaced."""
        if not path.exists():
            made = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
            pem = made.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
            self._write(path, pem, replace=False)
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, OSError) as error:
            raise BackendError(f"The signing key {path.name} on this node cannot be read.") from error
        der = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def _write(self, path: Path, content: bytes, *, replace: bool) -> None:
        """Whole or not at all, 0640 from its first moment; without ``replace`` an existing file wins."""
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
                os.fchown(handle, -1, self.gid)
                os.fchmod(handle, 0o640)
            if replace:
                Path(name).replace(path)
            else:
                with contextlib.suppress(FileExistsError):
                    os.link(name, path)
        except OSError as error:
            raise BackendError(f"The node cannot write {path.name}: {error.strerror}") from error
        finally:
            Path(name).unlink(missing_ok=True)

    def _sign_with(self, domain: str, selector: str, active: bool) -> None:
        """Put the wish in the map. Wishes that come together are written together."""
        with self._pending_lock:
            self._pending[domain, selector] = active
        with self._map_lock:
            with self._pending_lock:
                wishes, self._pending = self._pending, {}
            try:
                self._write_map(wishes)
            except BaseException as error:
                with self._pending_lock:
                    self._pending = wishes | self._pending
                if isinstance(error, OSError):
                    raise BackendError(f"The node cannot read {MAP}: {error.strerror}") from error
                raise

    def _write_map(self, wishes: dict[tuple[str, str], bool]) -> None:
        path = self.folder / MAP
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        before = dict(line.split(None, 1) for line in lines if line.strip())
        after = dict(before)
        for (domain, selector), active in wishes.items():
            if active:
                after[domain] = selector
            elif after.get(domain) == selector:
                del after[domain]
        if after != before or not path.exists():
            text = "".join(f"{domain} {selector}\n" for domain, selector in sorted(after.items()))
            self._write(path, text.encode("ascii"), replace=True)

    def _prove_signing(self, domain: str, selector: str) -> None:
        end = time.monotonic() + PROOF_SECONDS
        while not self._signs(domain, selector):
            if time.monotonic() > end:
                raise BackendError(f"rspamd does not sign mail of {domain} with {selector} yet.")
            time.sleep(PAUSE_SECONDS)

    def _signs(self, domain: str, selector: str) -> bool:
        sender = f"postmaster@{domain}"
        message = EmailMessage()
        message["From"] = message["To"] = sender
        message["Subject"] = "Signing check"
        message["Message-ID"] = f"<signing-check@{domain}>"
        message.set_content("Made by the node's agent, sent to nobody.\n")
        headers = {"User": sender, "From": sender, "Rcpt": sender}
        if self.password_file:
            headers["Password"] = self.password_file.read_text(encoding="utf-8").strip()
        status, body = request(
            "rspamd",
            "POST",
            f"{self.url}/checkv2",
            headers=headers,
            body=message.as_bytes(),
            timeout=PROOF_SECONDS,
        )
        if status != 200:
            raise BackendError(f"rspamd answered {status} to a test message.")
        found = json.loads(body).get("dkim-signature", [])
        signatures = [found] if isinstance(found, str) else found
        return any({f"d={domain}", f"s={selector}"} <= set(_tags(signature)) for signature in signatures)


def _tags(signature: str) -> list[str]:
    """RFC 6376 §3.2: tags are separated by semicolons, space around them does not count."""
    return [tag.strip() for tag in signature.split(";")]


def _file_of(key: str) -> str:
    _kind, domain, selector = key.split("/")
    return f"{domain}.{selector}.key"
