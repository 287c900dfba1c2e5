"""Postfix's log lines. Pure, and suspicious: addresses, HELO names, subjects and remote answers are hostile
text.

Every pattern is anchored at text that Postfix itself wrote and reads on from there; where hostile text stands
on both sides, a line that could be read in two ways is not read at all (its address fields are left out).
Addresses are taken in their quoted external form (``info_log_addr_form = external``, the default since 3.5).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from nodeagent.maillog.postfix_words import SEVERITIES, SMTPD_TALK, TALKERS
from nodeagent.signedin import signed_in

Data = dict[str, Any]
Found = tuple[str, str, Data]

SESSIONS = 2000  # smtpd processes whose TLS version is remembered until they hand a mail in

_QID = re.compile(r"(?:[0-9A-F]{6,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,24})\Z")
_ADDR = r'((?:[^"<>\s,;]*|"(?:[^"\\]|\\.)*"(?:@[^"<>\s,;]*)?))'
_PEER = r"([^\s\[\]]+\[[^\s\[\]]*\])(?::\d+)?"
_DELIVERY = re.compile(
    rf"to=<{_ADDR}>, (?:orig_to=<{_ADDR}>, )?relay=(\S+), (?:conn_use=\d+, )?delay=([\d.]+), "
    r"delays=([\d./]+), dsn=(\d\.\d{1,3}\.\d{1,3}), status=([a-z]+) \((.*)\)\Z",
    re.DOTALL,
)
_QUEUED = re.compile(rf"from=<{_ADDR}>, size=(\d{{1,15}}), nrcpt=(\d{{1,9}}) \(queue active\)\Z")
_EXPIRED = re.compile(rf"from=<{_ADDR}>, status=(?:force-)?expired, returned to sender\Z")
_CLIENT = re.compile(
    rf"client={_PEER}(?:, sasl_method=([\w-]+))?(?:, sasl_username=([^\s,]+))?"
    r"(?:, sasl_sender=(?:.*))?(?:, orig_.*)?\Z",
    re.DOTALL,
)
_REJECT = re.compile(
    rf"(reject|milter-reject): ([A-Z-]+) from {_PEER}: (?:(\d{{3}}) )?(?:(\d\.\d{{1,3}}\.\d{{1,3}}) )?(.*)\Z",
    re.DOTALL,
)
_ENVELOPE = re.compile(
    rf"; from=<{_ADDR}>(?: to=<{_ADDR}>)?(?: proto=([A-Z]+))?(?: helo=<(.*)>)?\Z", re.DOTALL
)
# The only places where Postfix 3.7 says who was signed in when it refuses a recipient: its own, and ours
# (nodeagent.policy.refusal).
_NOT_OWNED = re.compile(r"Sender address rejected: not owned by user ([^\s<>;,]+)\Z")
_LIMITED = re.compile(
    r"(?:Recipient address|Data command) rejected: Sending limit for "
    r"([a-z0-9._+-]+@[a-z0-9.-]+): [a-z0-9 ,;]+\Z"
)
_ABOUT = re.compile(r"<[^<>]*>: ")
_TLS = re.compile(
    r"(Anonymous|Untrusted|Trusted|Verified) TLS connection established (from|to) "
    rf"{_PEER}: (TLSv[\d.]+) with cipher (\S+)"
)
_SASL = re.compile(
    rf"{_PEER}: SASL ([\w-]+) authentication failed: (.*?)(?:, sasl_username=(.*))?\Z", re.DOTALL
)
_CONNECT = re.compile(rf"connect from {_PEER}\Z")
_GONE = re.compile(rf"disconnect from {_PEER}((?: \w+=\d+(?:/\d+)?)*)\Z")
_PICKUP = re.compile(rf"uid=(\d+) from=<{_ADDR}>\Z")
_NOTICE_OF = re.compile(
    r"(sender non-delivery|sender delay|sender delivery status|postmaster non-delivery) notification: (\w+)\Z"
)
_HEADER = re.compile(r"info: header ([\w-]+): ?(.*)\Z", re.DOTALL)


def envelope(text: str) -> tuple[str, Data]:
    """(text before, fields) of the ``; from=<> to=<> proto= helo=<>`` at a line's end; no fields if it could
    be forged."""
    at = text.find("; from=<")
    if at < 0 or text.count("; from=<") != 1:
        return text, {}
    found = _ENVELOPE.match(text, at)
    if found is None:
        return text, {}
    keys = ("from", "to", "proto", "helo")
    return text[:at], {
        key: value for key, value in zip(keys, found.groups(), strict=True) if value is not None
    }


class Postfix:
    """Reads the text after ``host name[pid]: ``. Remembers each smtpd's TLS version until it takes a mail."""

    def __init__(self) -> None:
        self._tls: OrderedDict[str, str] = OrderedDict()
        agent = self._agent
        self._programs: dict[str, Callable[[str, str, str], Found | None]] = {
            "smtpd": self._smtpd,
            "postscreen": self._smtpd,
            "cleanup": self._cleanup,
            "qmgr": self._qmgr,
            "oqmgr": self._qmgr,
            "pickup": self._pickup,
            "bounce": self._bounce,
            "postsuper": self._qmgr,
            "smtp": agent,
            "lmtp": agent,
            "relay": agent,
            "local": agent,
            "virtual": agent,
            "pipe": agent,
            "error": agent,
            "retry": agent,
            "discard": agent,
        }

    def read(self, program: str, service: str, pid: str, text: str) -> Found | None:
        """(kind, queue id, fields), or None if no grammar fits."""
        handler = self._programs.get(program)
        if handler is not None:
            ref, colon, body = text.partition(": ")
            if not colon or not _QID.match(ref):
                ref, body = "", text
            if program in {"smtpd", "postscreen"}:
                found = self._smtpd(ref, body, f"{service} {pid}")
            else:
                found = handler(ref, body, program)
            if found is not None:
                return found
        return self._notice(program, text)

    def _notice(self, program: str, text: str) -> Found | None:
        severity, colon, rest = text.partition(": ")
        if colon and severity in SEVERITIES:
            return "notice", "", {"program": program, "severity": severity, "text": rest}
        if program in TALKERS:
            return "notice", "", {"program": program, "severity": "info", "text": text}
        return None

    def _smtpd(self, ref: str, body: str, session: str) -> Found | None:
        first = body[:7]
        if first == "connect" and (found := _CONNECT.match(body)):
            return "connect", "", {"client": found[1]}
        if first == "disconn" and (found := _GONE.match(body)):
            self._tls.pop(session, None)
            return "disconnect", "", {"client": found[1], "counts": found[2].strip()}
        if first == "client=" and (found := _CLIENT.match(body)):
            return "client", ref, self._handed_in(found, session)
        if body.startswith("NOQUEUE: "):
            body = body[9:]
        if (found := _REJECT.match(body)) is not None:
            return _rejected(ref, found, session.partition(" ")[0])
        return self._session(ref, body, session)

    def _session(self, ref: str, body: str, session: str) -> Found | None:
        if (found := _TLS.match(body)) is not None:
            self._tls[session] = found[4]
            if len(self._tls) > SESSIONS:
                self._tls.popitem(last=False)
            data = {"client": found[3], "version": found[4], "cipher": found[5], "peer": found[1].lower()}
            return "tls", ref, data
        if body.startswith("warning: ") and (found := _SASL.match(body, 9)):
            data = {"client": found[1], "method": found[2], "reason": found[3], "user": found[4] or ""}
            return "auth-failed", "", data
        if body.startswith(SMTPD_TALK):
            return "notice", ref, {"program": "smtpd", "severity": "info", "text": body}
        return None

    def _handed_in(self, found: re.Match[str], session: str) -> Data:
        data = {"client": found[1], "service": session.partition(" ")[0]}
        if found[3]:
            data |= _who(found[3]) | {"method": found[2] or ""}
        if session in self._tls:
            data["tls"] = self._tls[session]
        return data

    def _cleanup(self, ref: str, body: str, _program: str) -> Found | None:
        if not ref:
            return None
        if body.startswith("message-id="):
            return "message-id", ref, {"id": body[11:]}
        if body.startswith("resent-message-id="):
            return "notice", ref, {"program": "cleanup", "severity": "info", "text": body}
        if (found := _HEADER.match(body)) is not None:
            return _header(ref, found[1].lower(), found[2])
        if (found := _REJECT.match(body)) is not None:
            return _rejected(ref, found, "")
        return "notice", ref, {"program": "cleanup", "severity": "info", "text": body}

    def _qmgr(self, ref: str, body: str, program: str) -> Found | None:
        if body == "removed":
            return "removed", ref, {"by": program} if program != "qmgr" else {}
        if (found := _QUEUED.match(body)) is not None:
            return "queued", ref, {"from": found[1], "size": int(found[2]), "nrcpt": int(found[3])}
        if (found := _EXPIRED.match(body)) is not None:
            return "expired", ref, {"from": found[1]}
        return self._agent(ref, body, program)

    def _pickup(self, ref: str, body: str, _program: str) -> Found | None:
        found = _PICKUP.match(body)
        return (
            ("client", ref, {"client": "local", "service": "pickup", "uid": found[1], "from": found[2]})
            if found and ref
            else None
        )

    def _bounce(self, ref: str, body: str, _program: str) -> Found | None:
        found = _NOTICE_OF.match(body)
        return ("bounce", ref, {"what": found[1], "notice": found[2]}) if found and ref else None

    def _agent(self, ref: str, body: str, program: str) -> Found | None:
        if ref and (found := _DELIVERY.match(body)):
            to, orig, relay, delay, delays, dsn, status, text = found.groups()
            data = {
                "to": to,
                "relay": relay,
                "delay": delay,
                "delays": delays,
                "dsn": dsn,
                "status": status,
                "text": text,
                "by": program,
            }
            if orig:
                data["orig"] = orig
            return "delivery", ref, data
        if (found := _TLS.match(body)) is not None:
            return (
                "tls",
                ref,
                {"server": found[3], "version": found[4], "cipher": found[5], "peer": found[1].lower()},
            )
        if ref and not body.startswith(("to=<", "from=<")):
            return "attempt", ref, {"text": body}
        if body.startswith("connect to "):
            return "attempt", "", {"text": body}
        return None


def _who(name: str) -> Data:
    """Who was signed in; ``app``: with which app password, if it was one."""
    login, app = signed_in(name)
    return {"sasl": login, "app": app} if app else {"sasl": login}


def _rejected(ref: str, found: re.Match[str], service: str) -> Found:
    text, fields = envelope(found[6])
    text = _ABOUT.sub("", text, count=1) if text.startswith("<") else text
    data: Data = {
        "stage": found[2],
        "client": found[3],
        "code": found[4] or "",
        "dsn": found[5] or "",
        "text": text,
        "service": service,
    }
    if (user := _NOT_OWNED.match(text) or _LIMITED.match(text)) is not None:
        data |= _who(user[1])
        data["text"] = text.replace(user[1], str(data["sasl"]))
    return "reject", ref, data | fields


def _header(ref: str, name: str, rest: str) -> Found:
    value, fields = envelope(rest)
    head, space, client = f" {value}".rpartition(" from ")  # an empty subject leaves no space before it
    if space and (client == "local" or re.fullmatch(_PEER, client)):
        value = head[1:]
    elif not fields:
        # Somebody wrote our own words into the subject: show all of it, believe none of it.
        value = rest
    if name != "subject":
        return "header", ref, {"name": name, "value": value}
    return "subject", ref, {"value": value} | {key: fields[key] for key in ("from", "to") if key in fields}
