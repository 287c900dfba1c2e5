"""Postfix's lines about what was decided of a mail, and about its header. Pure; all of it hostile text."""

from __future__ import annotations

import re
from typing import Any

from nodeagent.signedin import signed_in

Data = dict[str, Any]
Found = tuple[str, str, Data]

ADDR = r'((?:[^"<>\s,;]*|"(?:[^"\\]|\\.)*"(?:@[^"<>\s,;]*)?))'
PEER = r"([^\s\[\]]*\[[^\s\[\]]*\])(?::\d+)?"
_PEER_ONLY = re.compile(rf"{PEER}\Z")
REJECT = re.compile(
    rf"([a-z-]+): ([A-Z-]+) from {PEER}: (?:(\d{{3}}) )?(?:(\d\.\d{{1,3}}\.\d{{1,3}}) )?(.*)\Z",
    re.DOTALL,
)
# What an access map, a milter or a look into the mail decided, and what we call that.
DECISIONS = {
    "reject": "reject",
    "milter-reject": "reject",
    "hold": "hold",
    "milter-hold": "hold",
    "discard": "discard",
    "milter-discard": "discard",
}
_LOOKED = re.compile(r"([a-z]+): (header|body|content|milter-[a-z-]+) (.*)\Z", re.DOTALL)
_ENVELOPE = re.compile(
    rf"; from=<{ADDR}>(?:,? to=<{ADDR}>)?(?:,? proto=([A-Z]+))?(?:,? helo=<(.*)>)?\Z", re.DOTALL
)
# The only places where Postfix 3.7 says who was signed in when it refuses a recipient: its own, and ours
# (nodeagent.policy.refusal).
_NOT_OWNED = re.compile(r"Sender address rejected: not owned by user ([^\s<>;,]+)\Z")
_LIMITED = re.compile(
    r"(?:Recipient address|Data command) rejected: Sending limit for "
    r"([a-z0-9._+-]+@[a-z0-9.-]+): [a-z0-9 ,;]+\Z"
)
# Who was signed in, when a look-up of that name refuses it (deploy/postfix/stopped.cf). No address that a
# stranger writes looks so: a ">" in one stands between quotation marks.
_STOPPED = re.compile(r"<((?:[a-z0-9]+\.[a-z0-9]+/)?[a-z0-9._+-]+@[a-z0-9.-]+)>: SASL login name rejected: ")
_EARLY = {"CONNECT", "HELO", "EHLO"}  # before there is a sender
_EARLY_END = re.compile(r"; proto=[A-Z]+(?: helo=<[^<>]*>)?\Z")
_ABOUT = re.compile(r"<[^<>]*>: ")
_HEADER = re.compile(r"info: header ([\w-]+): ?(.*)\Z", re.DOTALL)
_SUBJECT = "info: header Subject: "


def envelope(text: str) -> tuple[str, Data]:
    """(text before, fields) of the ``; from=<> to=<> proto= helo=<>`` at a line's end; no fields if it could
    be forged."""
    before, here, after = text.partition("; from=<")
    if not here or "; from=<" in after:
        return text, {}
    found = _ENVELOPE.match(text, len(before))
    if found is None:
        return text, {}
    sender, to, proto, helo = found.groups()
    fields = {"from": sender}
    if to is not None:
        fields["to"] = to
    if proto is not None:
        fields["proto"] = proto
    if helo is not None:
        fields["helo"] = helo
    return before, fields


def who(name: str) -> Data:
    """Who was signed in; ``app``: with which app password, if it was one."""
    login, app = signed_in(name)
    return {"sasl": login, "app": app} if app else {"sasl": login}


def checked(ref: str, body: str) -> Found:
    """What cleanup(8) says of a mail, but for its Message-ID."""
    if body.startswith(_SUBJECT):
        return header(ref, "subject", body[22:])
    if (found := _HEADER.match(body)) is not None:
        return header(ref, found[1].lower(), found[2])
    if (found := REJECT.match(body)) is not None and found[1] in DECISIONS:
        return decided(ref, found, "")
    if (found := _LOOKED.match(body)) is not None and found[1] in DECISIONS:
        return _looked_at(ref, found)
    return "notice", ref, {"program": "cleanup", "severity": "info", "text": body}


def decided(ref: str, found: re.Match[str], service: str) -> Found:
    text, fields = envelope(found[6])
    if found[2] in _EARLY and not fields:
        text = _EARLY_END.sub("", text)
    stopped = _STOPPED.match(text)
    text = _ABOUT.sub("", text, count=1) if text.startswith("<") else text
    data: Data = {
        "stage": found[2],
        "client": found[3],
        "code": found[4] or "",
        "dsn": found[5] or "",
        "text": text,
        "service": service,
    }
    if found[1].startswith("milter"):
        data["by"] = "milter"
    if (user := _NOT_OWNED.match(text) or _LIMITED.match(text)) is not None:
        data |= who(user[1])
        data["text"] = text.replace(user[1], str(data["sasl"]))
    elif stopped is not None:
        data |= who(stopped[1])
    return DECISIONS[found[1]], ref, data | fields


def _looked_at(ref: str, found: re.Match[str]) -> Found:
    """``reject: header Subject: … from CLIENT; from=<> to=<> proto= helo=<>: REASON``, by header_checks or
    body_checks. The line of the mail stands before; whose words are whose is said only when that is sure."""
    inside, fields, reason = found[3], dict[str, str](), ""
    value, here, after = inside.partition("; from=<")
    if here and "; from=<" not in after:
        end, _mark, said = after.partition(">: ") if " helo=<" in after else (after, "", "")
        tail = _ENVELOPE.match(f"; from=<{end}>" if said else f"; from=<{after}")
        if tail is not None:
            keys = ("from", "to", "proto", "helo")
            fields = {key: text for key, text in zip(keys, tail.groups(), strict=True) if text is not None}
            inside, reason = value, said
    data: Data = {"stage": found[2], "client": "", "code": "", "dsn": "", "text": reason, "service": ""}
    return DECISIONS[found[1]], ref, data | {"value": inside} | fields


def header(ref: str, name: str, rest: str) -> Found:
    value, fields = envelope(rest)
    head, space, client = f" {value}".rpartition(" from ")  # an empty subject leaves no space before it
    if space and (client == "local" or _PEER_ONLY.match(client)):
        value = head[1:]
    elif not fields:
        # Somebody wrote our own words into the subject: show all of it, believe none of it.
        value = rest
    if name != "subject":
        return "header", ref, {"name": name, "value": value}
    return "subject", ref, {"value": value} | {key: fields[key] for key in ("from", "to") if key in fields}
