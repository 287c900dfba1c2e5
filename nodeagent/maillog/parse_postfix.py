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
from typing import Any, NamedTuple

from nodeagent.maillog import postfix_tried as tried
from nodeagent.maillog.postfix_said import ADDR, DECISIONS, PEER, REJECT, checked, decided, who
from nodeagent.maillog.postfix_words import SEVERITIES, SMTPD_TALK, TALKERS
from nodeagent.signedin import signed_in

Data = dict[str, Any]
Found = tuple[str, str, Data]
Handler = Callable[[str, str, str], Found | None]

SESSIONS = 2000  # processes whose TLS connection, or last mail, is remembered
_QIDS = 20_000  # queue ids that are known to be some

_QID = re.compile(r"(?:[0-9A-F]{6,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,24})\Z")
# The usual forms of addresses first: they need no looking back.
_DELIVERY = re.compile(
    rf"to=<(?:([^\"<>\s,;]*)>, |{ADDR}>, )(?:orig_to=<{ADDR}>, )?relay=(\S+), (conn_use=\d+, )?"
    r"delay=([\d.]+), delays=([\d./]+), dsn=(\d\.\d{1,3}\.\d{1,3}), status=([a-z]+) \((.*)\)\Z",
    re.DOTALL,
)
_QUEUED = re.compile(rf"from=<{ADDR}>, size=(\d{{1,15}}), nrcpt=(\d{{1,9}}) \(queue active\)\Z")
_EXPIRED = re.compile(rf"from=<{ADDR}>, status=(?:force-)?expired, returned to sender\Z")
_CLIENT = re.compile(
    rf"client={PEER}(?:, sasl_method=([\w-]+))?(?:, sasl_username=([^\s,]+))?"
    r"(?:, sasl_sender=([^\s,]*))?(?:, orig_.*)?\Z",
    re.DOTALL,
)
_XTEXT = re.compile(r"\+([0-9A-F]{2})")  # RFC 3461 §4, as AUTH= has it (RFC 4954 §5)
_TLS = re.compile(
    r"(Anonymous|Untrusted|Trusted|Verified) TLS connection established (from|to) "
    r"([^\s\[\]]*\[[^\s\[\]]*\])(:\d+)?: (TLSv[\d.]+) with cipher (\S+)"
)
_SASL = re.compile(
    rf"{PEER}: SASL ([\w-]+) authentication failed: (.*?)(?:, sasl_username=(.*))?\Z", re.DOTALL
)
_PICKUP = re.compile(rf"uid=(\d+) from=<{ADDR}>(?: orig_id=(\w+))?\Z")
_NOTICE_OF = re.compile(
    r"(sender non-delivery|sender delay|sender delivery status|postmaster non-delivery) notification: (\w+)\Z"
)
_TOO_BIG = re.compile(r"warning: (\w+): queue file size limit exceeded\Z")
_BROKEN = re.compile(rf"(?:lost connection|timeout) after (?:DATA|BDAT)(?: \(\d+ bytes\))? from {PEER}\Z")
_REPLACED = re.compile(rf"{PEER}: replacing command ")
_AGENTS = ("smtp", "lmtp", "relay", "local", "virtual", "pipe", "error", "retry", "discard")
_KEEPER = {"placed on hold": "hold", "released from hold": "release", "requeued": "requeue"}


class Tls(NamedTuple):
    """One connection. ``relay``: the other side as a delivery line names it; ``ref``: whose first delivery
    went over it."""

    relay: str
    ref: str
    fields: Data


class Postfix:
    """Reads the text after ``host name[pid]: ``. Remembers of each process its TLS connection, and of each
    smtpd the mail that it took last."""

    def __init__(self) -> None:
        self._tls: OrderedDict[str, Tls] = OrderedDict()
        self._last: OrderedDict[str, str] = OrderedDict()
        self._shaking: OrderedDict[str, str] = OrderedDict()
        self._qids: set[str] = set()
        agent: Handler = self._agent
        self._programs: dict[str, Handler] = dict.fromkeys(_AGENTS, agent) | {
            "smtpd": self._smtpd,
            "postscreen": self._smtpd,
            "cleanup": self._cleanup,
            "qmgr": self._qmgr,
            "oqmgr": self._qmgr,
            "pickup": self._pickup,
            "bounce": self._bounce,
            "postsuper": self._keeper,
        }

    def reader(self, program: str, service: str, pid: str) -> Callable[[str], Found | None]:
        """Who reads the lines of one process: (kind, queue id, fields), or None if no grammar fits."""
        handler = self._programs.get(program)
        session = f"{program} {service} {pid}"
        known = self._qids

        def read(text: str) -> Found | None:
            if handler is None:
                return _notice(program, text)
            ref, colon, body = text.partition(": ")
            if not colon or (ref not in known and not self._is_qid(ref)):
                ref, body = "", text
            return handler(ref, body, session) or _notice(program, text)

        return read

    def _is_qid(self, ref: str) -> bool:
        if _QID.match(ref) is None:
            return False
        if len(self._qids) >= _QIDS:
            self._qids.clear()
        self._qids.add(ref)
        return True

    # ---- coming in

    def _smtpd(self, ref: str, body: str, session: str) -> Found | None:
        first = body[:7]
        if first == "connect":
            return "connect", "", {}
        if first == "disconn":
            encrypted = self._tls.pop(session, None) is not None
            self._shaking.pop(session, None)
            return tried.left(body, session.split(" ")[1], encrypted=encrypted)
        if first == "client=" and (found := _CLIENT.match(body)):
            _remember(self._last, session, ref)
            return "client", ref, self._handed_in(found, session)
        if first == "NOQUEUE":
            body = body[9:]
        if (found := REJECT.match(body)) is not None and found[1] in DECISIONS:
            return self._decided(ref, found, session)
        return self._session(ref, body, session)

    def _decided(self, ref: str, found: re.Match[str], session: str) -> Found:
        kind, ref, data = decided(ref, found, session.split(" ")[1])
        if (tls := self._tls.get(session)) is not None:
            data |= tls.fields
        return kind, ref, data

    def _session(self, ref: str, body: str, session: str) -> Found | None:
        if (found := _TLS.match(body)) is not None:
            return self._connected(ref, found, session)
        if body.startswith("warning: "):
            if (found := _SASL.match(body, 9)) is not None:
                data = {"client": found[1], "method": found[2], "reason": found[3]}
                return (
                    "auth-failed",
                    "",
                    data | {"service": session.split(" ")[1]} | _attempted(found[4] or ""),
                )
            if (found := _TOO_BIG.match(body)) is not None and _QID.match(found[1]):
                data = {"stage": "END-OF-MESSAGE", "client": "", "code": "552", "dsn": "5.3.4"}
                return "reject", found[1], data | {"text": "Error: message file too big", "service": ""}
        if (found := _BROKEN.match(body)) is not None and session in self._last:
            return "aborted", self._last[session], {"client": found[1], "text": body}
        failed = None if ref else self._failed(body, session)
        if failed is None and (body.startswith(SMTPD_TALK) or _REPLACED.match(body)):
            return "notice", ref, {"program": session.partition(" ")[0], "severity": "info", "text": body}
        return failed

    def _failed(self, body: str, session: str) -> Found | None:
        service = session.split(" ")[1]
        if (shaken := tried.handshake(body, service)) is not None:
            client, known = shaken
            if known is None:
                _remember(self._shaking, session, client)
            return known
        if (found := tried.lost(body, service)) is not None:
            return None if session in self._shaking else found
        if session not in self._shaking:
            return None
        return tried.library(body, self._shaking[session], service)

    def _connected(self, ref: str, found: re.Match[str], session: str) -> Found:
        fields = {"tls": found[5], "cipher": found[6], "trust": found[1].lower()}
        _remember(self._tls, session, Tls(found[3] + (found[4] or ""), "", fields))
        data = {"client" if found[2] == "from" else "server": found[3], "version": found[5]}
        return "tls", ref, data | {"cipher": found[6], "peer": found[1].lower()}

    def _handed_in(self, found: re.Match[str], session: str) -> Data:
        data = {"client": found[1], "service": session.split(" ")[1]}
        if found[3]:
            data |= who(found[3]) | {"method": found[2] or ""}
        if found[4]:
            data["behalf"] = _XTEXT.sub(lambda part: chr(int(part[1], 16)), found[4])
        if (tls := self._tls.get(session)) is not None:
            data |= tls.fields
        return data

    def _cleanup(self, ref: str, body: str, _session: str) -> Found | None:
        if not ref:
            return None
        if body.startswith("message-id="):
            return "message-id", ref, {"id": body[11:]}
        return checked(ref, body)

    def _pickup(self, ref: str, body: str, _session: str) -> Found | None:
        found = _PICKUP.match(body)
        if found is None or not ref:
            return None
        data = {"client": "local", "service": "pickup", "uid": found[1], "from": found[2]}
        return "client", ref, data | ({"was": found[3]} if found[3] else {})

    # ---- waiting

    def _qmgr(self, ref: str, body: str, session: str) -> Found | None:
        if body == "removed":
            return "removed", ref, {}
        if (found := _QUEUED.match(body)) is not None:
            return "queued", ref, {"from": found[1], "size": int(found[2]), "nrcpt": int(found[3])}
        if (found := _EXPIRED.match(body)) is not None:
            return "expired", ref, {"from": found[1]}
        return self._agent(ref, body, session)

    def _keeper(self, ref: str, body: str, _session: str) -> Found | None:
        """What somebody did to the queue by postsuper(1)."""
        if not ref:
            return None
        if body == "removed":
            return "removed", ref, {"by": "postsuper"}
        if body in _KEEPER:
            return _KEEPER[body], ref, {"by": "postsuper"}
        return "notice", ref, {"program": "postsuper", "severity": "info", "text": body}

    def _bounce(self, ref: str, body: str, _session: str) -> Found | None:
        found = _NOTICE_OF.match(body)
        return ("bounce", ref, {"what": found[1], "notice": found[2]}) if found and ref else None

    # ---- going out

    def _agent(self, ref: str, body: str, session: str) -> Found | None:
        if ref and (found := _DELIVERY.match(body)):
            return "delivery", ref, self._tried(ref, found, session)
        if (tls := _TLS.match(body)) is not None:
            return self._connected(ref, tls, session)
        program = session.partition(" ")[0]
        if ref and not body.startswith(("to=<", "from=<")):
            return "attempt", ref, {"text": body, "by": program}
        if body.startswith("connect to "):
            return "attempt", "", {"text": body, "by": program}
        return None

    def _tried(self, ref: str, found: re.Match[str], session: str) -> Data:
        to, quoted, orig, relay, again, delay, delays, dsn, status, text = found.groups()
        data = {
            "to": quoted if to is None else to,
            "relay": relay,
            "delay": delay,
            "delays": delays,
            "dsn": dsn,
            "status": status,
            "text": text,
            "by": session.partition(" ")[0],
        }
        if orig:
            data["orig"] = orig
        # Another mail that does not say it used the connection again had one of its own, and without TLS.
        tls = self._tls.get(session) if self._tls else None
        if tls is not None and tls.relay == relay and (again or tls.ref in {"", ref}):
            data |= tls.fields
            if tls.ref != ref:
                self._tls[session] = tls._replace(ref=ref)
        return data


def _remember(memory: OrderedDict[str, Any], session: str, value: object) -> None:
    memory[session] = value
    memory.move_to_end(session)
    if len(memory) > SESSIONS:
        memory.popitem(last=False)


def _notice(program: str, text: str) -> Found | None:
    severity, colon, rest = text.partition(": ")
    if colon and severity in SEVERITIES:
        return "notice", "", {"program": program, "severity": severity, "text": rest}
    if program in TALKERS:
        return "notice", "", {"program": program, "severity": "info", "text": text}
    return None


def _attempted(name: str) -> Data:
    login, app = signed_in(name)
    return {"user": login, "app": app} if app else {"user": login}
