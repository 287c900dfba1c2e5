"""Dovecot's log lines (2.3, ``log_path`` or syslog). Pure; user names, message ids and folder names are
hostile text."""

from __future__ import annotations

import re
from typing import Any

Data = dict[str, Any]
Found = tuple[str, str, Data]

_PREFIX = re.compile(
    (
        r"([a-z][a-z0-9-]*)(?:\(([^()\s]*)\))?(?:<(\d+)>)?(?:<([^<>\s]+)>)?: (?:(Info|Warning|Error|Fatal"
        r"|Panic|Debug): )?(.*)\Z"
    ),
    re.DOTALL,
)
_FIELDS = re.compile(
    r"user=<(.*)>, (?:method=([\w-]*), )?rip=([0-9a-fA-F.:]+), lip=[0-9a-fA-F.:]+(?:, mpid=\d+)?"
    r"((?:, [^=<>]*)?)(?:, session=<([^<>\s]*)>)?(?:, app=<([a-z0-9]*)>)?\Z",
    re.DOTALL,
)
_MAIL = re.compile(
    r"(?:sieve: )?msgid=(.*): "
    r"(saved mail to|save failed to|stored mail into mailbox|redirect action: forwarded to"
    r"|vacation action: sent vacation response to|discard action: |reject action: )\s?(.*)\Z",
    re.DOTALL,
)
_COUNT = re.compile(r"(\w+)=(\d+)(?:/(\d+))?")
_COUNTS = re.compile(r"(.*?)((?:,? ?\w+=\d+(?:/\d+)?)+)\Z", re.DOTALL)
_LOOKUP = re.compile(
    r"(?:conn \S+ \(pid=\d+,uid=\d+\): auth-worker<\d+>: )?[\w-]+\((.*),([0-9a-fA-F.:]*)(?:,<[^<>]*>)?\): "
    r"(Password mismatch|unknown user|[Uu]ser is disabled|Login disabled.*|allow_nets check failed.*)\Z",
    re.DOTALL,
)
_SEEN = ("Disconnected", "Logged out", "Connection closed", "Aborted")
_ENDED = re.compile(r"(?:Disconnected|Logged out|Connection closed)")


def read(text: str) -> Found | None:
    """(kind, session, fields) of the text after the time stamp, or None if no grammar fits."""
    found = _PREFIX.match(text)
    if found is None:
        return None
    service, user, _pid, session, severity, rest = found.groups()
    if service.endswith("-login"):
        return _login(service.removesuffix("-login"), rest, severity)
    if service == "lmtp" or (service in {"lda", "deliver"} and user):
        return _delivered(service, user or "", session or "", rest, severity)
    if service in {"imap", "pop3", "managesieve", "submission"} and user:
        return _session(service, user, session or "", rest, severity)
    if service in {"auth", "auth-worker"}:
        return _auth(rest, severity)
    return "notice", "", {"program": service, "severity": _level(severity), "text": rest}


def _level(severity: str | None) -> str:
    return (severity or "Info").lower()


def _fields(text: str) -> Data:
    """user, method, client, encrypted and session of a login line, and ``app``, the id of an app password, if
    it was one; nothing if a user name imitates the fields."""
    at = text.find("user=<")
    found = _FIELDS.match(text, at) if at >= 0 and text.count(", rip=") == 1 else None
    if found is None:
        return {}
    encrypted = found[4].lstrip(", ").startswith(("TLS", "secured"))
    app = {"app": found[6]} if found[6] else {}
    return app | {
        "user": found[1],
        "method": found[2] or "",
        "client": found[3],
        "encrypted": encrypted,
        "session": found[5] or "",
    }


def _login(protocol: str, text: str, severity: str | None) -> Found | None:
    fields = _fields(text)
    if text.startswith("Login: ") and fields:
        return "sign-in", fields.pop("session"), {"protocol": protocol} | fields
    reason, colon, _ = text.partition(": user=<")
    if not colon:
        reason = text.partition(": rip=")[0]
    if text.startswith(_SEEN):
        ref = fields.pop("session", "")
        kind = "auth-failed" if "auth failed" in reason else "connection"
        return kind, ref, {"protocol": protocol, "reason": reason} | fields
    if severity in {"Warning", "Error", "Fatal", "Panic"}:
        return "notice", "", {"program": f"{protocol}-login", "severity": _level(severity), "text": text}
    return None


def _delivered(service: str, user: str, session: str, text: str, severity: str | None) -> Found | None:
    if not user or text.startswith(("Connect from ", "Disconnect from ")):
        known = text.startswith(("Connect from ", "Disconnect from ")) or severity in {
            "Warning",
            "Error",
            "Fatal",
            "Panic",
        }
        return (
            ("notice", session, {"program": service, "severity": _level(severity), "text": text})
            if known
            else None
        )
    found = _MAIL.match(text)
    if found is None:
        return (
            "notice",
            session,
            {"program": service, "user": user, "severity": _level(severity), "text": text},
        )
    message_id, action, what = found.groups()
    return (
        "stored",
        session,
        {"user": user, "id": message_id, "action": action.rstrip(": "), "what": what.strip("'")},
    )


def _session(service: str, user: str, session: str, text: str, severity: str | None) -> Found | None:
    if _ENDED.match(text) is None:
        return (
            "notice",
            session,
            {"program": service, "user": user, "severity": _level(severity), "text": text},
        )
    found = _COUNTS.match(text)
    reason, counted = found.groups() if found else (text, "")
    counts = {name: int(first) for name, first, _of in _COUNT.findall(counted)}
    return (
        "sign-out",
        session,
        {"protocol": service, "user": user, "reason": reason.strip(" ,"), "counts": counts},
    )


def _auth(text: str, severity: str | None) -> Found:
    found = _LOOKUP.match(text)
    # Refused by its networks it is said twice: by the worker, which counts, and by the one that asked it.
    if found is not None and (text.startswith("conn ") or not found[3].startswith("allow_nets")):
        return "auth", "", {"user": found[1], "client": found[2], "reason": found[3]}
    return "notice", "", {"program": "auth", "severity": _level(severity), "text": text}
