"""Dovecot's log lines (2.3, ``log_path`` or syslog). Pure; user names, message ids, folder names and what
programs say of themselves are hostile text."""

from __future__ import annotations

import re
from typing import Any

from nodeagent.signedin import signed_in

Data = dict[str, Any]
Found = tuple[str, str, Data]

_HEAD = re.compile(r"([a-z][a-z0-9-]*)(?:\(([^()\s]*)\))?(?:<(\d+)>)?(?:<([^<>\s]*)>)?\Z")
_LEVELS = frozenset(["Info", "Warning", "Error", "Fatal", "Panic", "Debug"])
_SERIOUS = frozenset(["Warning", "Error", "Fatal", "Panic"])
# What follows the client's address in a line of a sign-in: Dovecot's own words to the end.
_REST = re.compile(
    r"([0-9a-fA-F.:]+), lip=[0-9a-fA-F.:]+(?:, mpid=\d+)?((?:, [^=<>]*)?)(?:, session=<([^<>\s]*)>)?"
    r"(?:, app=<([a-z0-9]*)>)?(?:, tls=<([^<>]*)>)?\Z"
)
_METHOD = re.compile(r">, method=([\w-]*)\Z")
_SESSION = re.compile(r", session=<([^<>\s]+)>(?:, app=<[a-z0-9]*>)?(?:, tls=<[^<>]*>)?\Z")
_MAIL = re.compile(
    r"msgid=(.*): "
    r"(saved mail to|save failed to|stored mail into mailbox|failed to store into mailbox"
    r"|left message in mailbox|[a-z]+ action: [A-Za-z ]*[A-Za-z])\s?(.*)\Z",
    re.DOTALL,
)
_STORED = ("stored mail into mailbox", "saved mail to")
_COUNT = re.compile(r"(\w+)=(\d+)(?:/(\d+))?")
_COUNTS = re.compile(r"(.*?)((?:,? ?\w+=\d+(?:/\d+)?)+)\Z", re.DOTALL)
_RUN = re.compile(r"(?:,? \w+=\d+(?:/\d+)?)+\Z")
_SECONDS = {"top": "top_bytes", "retr": "retr_bytes", "dele": "dele_of"}  # POP3: the number behind the slash
_LOOKUP = re.compile(
    r"(?:conn \S+ \(pid=\d+,uid=\d+\): auth-worker<\d+>: )?"
    r"[\w-]+\(((?:(?!\): ).)*),([0-9a-fA-F.:]*)(?:,<([^<>]*)>)?\): "
    r"(Password mismatch.*|unknown user.*|[Uu]ser is disabled.*|[Aa]ccount disabled.*|Login disabled.*"
    r"|allow_nets check failed.*)\Z",
    re.DOTALL,
)
_CAUSES = {"P": "password", "u": "unknown", "U": "disabled", "A": "disabled", "L": "disabled"}
_CLEAR = re.compile(r"Login failed: (?:Plaintext authentication disabled|SSL required for authentication)")
# The right password, and no way in: switched off (dovecot-sql.conf.ext says why), or no process was free.
_STOPPED = re.compile(r"\(internal failure, \d+ successful auths")
_SEEN = ("Disconnected", "Logged out", "Connection closed", "Aborted")
_ENDED = ("Disconnected", "Logged out", "Connection closed")
_PROGRAM = ("name", "version", "os", "os-version", "vendor")
_SAYS = re.compile(
    r"(?:\A|, )(name|version|os|os-version|vendor|support-url|address|date|command|arguments|environment"
    r"|x-[a-z-]+)=",
    re.IGNORECASE,
)
_REMOVED = re.compile(r"(expunge|delete|undelete): box=(.*), msgid=(.*), size=(\d+)\Z", re.DOTALL)
_COPIED = re.compile(r"copy from (.*): box=(.*), msgid=(.*), size=(\d+)\Z", re.DOTALL)
_FOLDER = re.compile(r"Mailbox (deleted|renamed): (.*)\Z", re.DOTALL)
_SESSIONS = frozenset(["imap", "pop3", "managesieve", "submission", "doveadm"])


def read(text: str) -> Found | None:
    """(kind, session, fields) of the text after the time stamp, or None if no grammar fits."""
    head, colon, rest = text.partition(": ")
    if not colon:
        return None
    severity, colon, said = rest.partition(": ")
    if not colon or severity not in _LEVELS:
        severity, said = "Info", rest
    if head.endswith("-login"):
        return _login(head[:-6], said, severity)
    found = _HEAD.match(head)
    if found is None:
        return None
    service, user, _pid, session = found.groups("")
    if service in {"auth", "auth-worker"}:
        return _auth(said, severity)
    return _served(service, user, session, said, severity)


def _served(service: str, user: str, session: str, text: str, severity: str) -> Found | None:
    if service == "lmtp" or (service in {"lda", "deliver"} and user):
        return _delivered(service, user, session, text, severity)
    if service in _SESSIONS and user and session:
        return _session(service, user, session, text, severity)
    if service == "doveadm" and severity == "Info":
        return "notice", "", {}  # our own agent, at work
    return "notice", session, _said(service, user, severity, text)


def _said(service: str, user: str, severity: str, text: str) -> Data:
    data = {"program": service, "severity": severity.lower(), "text": text}
    user = user.rpartition(",")[2]  # doveadm tells the address of who asks, too
    return data | {"user": user} if "@" in user else data


# ---- signing in


def _fields(text: str) -> Data:
    """user, method, client, encrypted, session and tls of a login line, and ``app``, the id of an app
    password, if it was one; nothing if a user name imitates the fields."""
    before, rip, after = text.partition(", rip=")
    at = before.find("user=<")
    found = _REST.match(after) if rip and at >= 0 and ", rip=" not in after else None
    if found is None:
        return {}
    client, words, session, app, tls = found.groups("")
    method = _METHOD.search(before, at)
    user = before[at + 6 : method.start() if method else -1]
    if method is None and not before.endswith(">"):
        return {}
    data: Data = {
        "user": user,
        "method": method[1] if method else "",
        "client": client,
        "encrypted": words.startswith((", TLS", ", secured")),
        "session": session,
    }
    if words.startswith(", TLS handshaking"):
        data |= {"encrypted": False, "handshake": words[18:].strip(": ")[:200]}
    if app:
        data["app"] = app
    if tls:
        data["tls"] = tls
    return data


def _login(protocol: str, text: str, severity: str) -> Found | None:
    if text.startswith("ID sent: "):
        session = _SESSION.search(text)
        said = text[9:].rpartition(": user=<")[0]
        return "program", session[1] if session else "", {"protocol": protocol} | program(said)
    fields = _fields(text)
    if fields and text.startswith("Login: "):
        fields["protocol"] = protocol
        return "sign-in", fields.pop("session"), fields
    if fields and (clear := _CLEAR.match(text)) is not None:
        # Told once for each try; the connection's end says so again, and of whom.
        return "auth", "", {"protocol": protocol, "reason": clear[0], "cause": "clear"} | fields
    reason, colon, _ = text.partition(": user=<")
    if not colon:
        reason = text.partition(": rip=")[0]
    if text.startswith(_SEEN):
        ref = fields.pop("session", "")
        kind = "auth-failed" if "auth failed" in reason else "connection"
        data = {"protocol": protocol, "reason": reason} | fields
        if fields and _STOPPED.search(reason):
            kind, data["cause"] = "auth-failed", "stopped"
        return kind, ref, data
    if severity in _SERIOUS:
        return "notice", "", {"program": f"{protocol}-login", "severity": severity.lower(), "text": text}
    return None


def program(text: str) -> Data:
    """What a program says of itself (IMAP ID): name, version, os, vendor, the first of each. It may say
    anything."""
    parts = list(_SAYS.finditer(text))
    data: Data = {}
    for number, part in enumerate(parts, start=1):
        end = parts[number].start() if number < len(parts) else len(text)
        key = part[1].lower()
        if key in _PROGRAM:
            data.setdefault(key, text[part.end() : end][:200])
    return data


def _auth(text: str, severity: str) -> Found:
    found = _LOOKUP.match(text)
    # Refused by its networks it is said twice: by the worker, which counts, and by the one that asked it.
    if found is None or (found[4].startswith("allow_nets") and not text.startswith("conn ")):
        return "notice", "", _said("auth", "", severity, text)
    user, client, session, reason = found.groups("")
    login, app = signed_in(user)
    cause = _CAUSES.get(reason[0], "network")
    data: Data = {"user": login, "client": client, "reason": reason, "cause": cause}
    if app:
        data["app"] = app
    if session:
        data["session"] = session
    return "auth", "", data


# ---- delivering


def _delivered(service: str, user: str, session: str, text: str, severity: str) -> Found | None:
    if text.startswith(("Connect from ", "Disconnect from ")):
        return "notice", session, {}
    if not user:
        return ("notice", session, _said(service, "", severity, text)) if severity in _SERIOUS else None
    found = _mail(text)
    if found is None:
        if (removed := _removed(service, user, text)) is not None:
            return "expunge", session, removed
        return "notice", session, _said(service, user, severity, text)
    message_id, action, what = found
    data = {"user": user, "id": message_id, "action": action.rstrip(": "), "what": what.strip("'")}
    return "stored", session, data


def _mail(text: str) -> tuple[str, str, str] | None:
    """(message id, what was done, where to)."""
    said = text[7:] if text.startswith("sieve: ") else text
    message_id, colon, done = said.partition(": ")
    if colon and ": " not in done and message_id.startswith("msgid="):
        for action in _STORED:
            if done.startswith(action):
                return message_id[6:], action, done[len(action) + 1 :]
    found = _MAIL.match(said)
    return (found[1], found[2], found[3]) if found is not None else None


# ---- reading


def _session(service: str, user: str, session: str, text: str, severity: str) -> Found | None:
    if text.startswith(_ENDED):
        at = text.find(" top=" if service == "pop3" else " in=")
        if at >= 0 and _RUN.match(text, at):
            reason, counted = text[:at], text[at:]
        else:
            found = _COUNTS.match(text)
            reason, counted = found.groups() if found else (text, "")
        data = {"protocol": service, "user": user, "reason": reason.strip(" ,"), "counts": _counts(counted)}
        return "sign-out", session, data
    if (removed := _removed(service, user, text)) is not None:
        return "expunge", session, removed
    if (copied := _COPIED.match(text)) is not None and ", msgid=" not in copied[2]:
        return "moved", session, {"by": service, "user": user, "from": copied[1], "box": copied[2]}
    if text.startswith("ID sent: "):
        return "program", session, {"protocol": service, "user": user} | program(text[9:])
    return "notice", session, _said(service, user, severity, text)


def _counts(text: str) -> dict[str, int]:
    """IMAP: in, out, deleted, expunged, trashed, hdr_count …; POP3: retr and retr_bytes, dele and dele_of
    (mails that were there), top and top_bytes, size."""
    counts: dict[str, int] = {}
    for said, first, second in _COUNT.findall(text):
        name = "dele" if said == "del" else said
        counts[name] = int(first)
        if second and name in _SECONDS:
            counts[_SECONDS[name]] = int(second)
    return counts


def _removed(service: str, user: str, text: str) -> Data | None:
    """Marked, unmarked or gone, a mail or a folder. ``box`` has all of it where it cannot be told from the
    message id."""
    if (found := _REMOVED.match(text)) is not None:
        action, box, message_id, size = found.groups()
        if ", msgid=" in box or ", msgid=" in message_id:
            box, message_id = f"{box}, msgid={message_id}", ""
        return {
            "by": service,
            "user": user,
            "action": action,
            "box": box,
            "msgid": message_id,
            "size": int(size),
        }
    if (found := _FOLDER.match(text)) is not None:
        return {"by": service, "user": user, "action": f"folder-{found[1]}", "box": found[2]}
    return None
