"""Mail that a forwarder withheld as spam, sent on after all: to whom it would have gone, as the forwarder's
own script sends it (nodeagent.inject)."""

from __future__ import annotations

import json
import os
import smtplib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodeagent import inject
from nodeagent.asks import quarantine
from nodeagent.asks.folders import doveadm_of
from nodeagent.backends.base import BackendError
from nodeagent.node import Node
from nodeagent.srs import BadAddressError

MOST_TARGETS = 50
TRACE = "X-Sieve-Redirected-From"  # by which a circle is noticed


def quarantine_onward(node: Node, args: Mapping[str, Any]) -> dict[str, int]:
    """The mails ``ids`` that ``address``, a forwarder, withholds go to ``targets``; with ``learn`` they teach
    that they are no spam → ``done``, ``taught``. One leaves the quarantine when the queue has it."""
    address, ids = quarantine.address_of(args.get("address")), quarantine.ids_of(args.get("ids"))
    targets, settings = _targets(args.get("targets")), _settings(node)
    folder, doveadm = _folder(node, address), doveadm_of(node)
    taught = quarantine.teach_all(node, address, ids, spam=False) if args.get("learn") else 0
    done = 0
    for one in ids:
        mail = _content(folder, one)
        if mail is None:
            continue
        _send(settings, address, targets, mail)
        answer = doveadm.run([("expunge", {"user": address, "query": quarantine.query_of(one)})])[0]
        if isinstance(answer, int) and answer:
            raise BackendError("A mail was sent on, and could not be taken out of the quarantine.")
        done += 1
    return {"done": done, "taught": taught}


def _send(settings: inject.Settings, address: str, targets: list[str], mail: bytes) -> None:
    """Raises BackendError."""
    sender, rest = _envelope(mail)
    text = f"{TRACE}: {address}\r\n".encode() + rest
    try:
        envelope = inject.rewritten(settings, sender, address.rpartition("@")[2])
        inject.send(settings, envelope, targets, text, own=False, user=address)
    except (OSError, smtplib.SMTPException, BadAddressError) as error:
        text_ = "A mail could not be sent on; it is still in quarantine. Try again."
        raise BackendError(text_) from error


def _envelope(mail: bytes) -> tuple[str, bytes]:
    """(its sender, the mail without the line in which LMTP wrote that), with CRLF."""
    text = mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    first, _newline, rest = text.partition(b"\r\n")
    if first.lower().startswith(b"return-path:"):
        return first.partition(b":")[2].decode(errors="replace").strip().strip("<>"), rest
    return "", text


def _folder(node: Node, address: str) -> Path:
    if node.config.mail is None:
        raise BackendError("This node holds no mail.")
    with node.engine.directory.reading() as connection:
        query = "SELECT home FROM aliases WHERE address = ? AND home <> ''"
        for (home,) in connection.execute(query, (address,)):
            return node.config.mail.mail_root / str(home) / "Maildir" / f".{quarantine.FOLDER}"
    raise BackendError(f"{address} sends no mail on at the moment.")


def _content(folder: Path, ident: str) -> bytes | None:
    """As it came. A file's name begins with the mail's GUID (Dovecot's Maildir)."""
    for part in ("new", "cur"):
        try:
            names = [entry.name for entry in os.scandir(folder / part)]
        except FileNotFoundError:
            continue
        for name in names:
            if name.partition(":")[0] == ident:
                return (folder / part / name).read_bytes()
    return None


def _targets(value: Any) -> list[str]:
    fits = isinstance(value, list) and 0 < len(value) <= MOST_TARGETS
    if not fits or not all(isinstance(one, str) and quarantine.ADDRESS.fullmatch(one) for one in value):
        raise BackendError("The question does not fit this node's agent.")
    return list(value)


def _settings(node: Node) -> inject.Settings:
    path = node.config.mail.inject_settings if node.config.mail else None
    if path is None:
        raise BackendError("This node's agent does not know how mail is sent on (INJECT_SETTINGS).")
    return inject.Settings(**json.loads(path.read_text(encoding="utf-8")))
