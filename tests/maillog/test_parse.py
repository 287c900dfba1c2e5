"""Real lines, and lines that want to be taken for real ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodeagent.maillog.parse import DOVECOT, POSTFIX, RAW_MAX, Event, Parser

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC).timestamp()
STAMP = "Nov 22 03:57:09"
Q = "4jXFdJ6znGzLKpQ"


def postfix(text: str, program: str = "postfix/smtpd") -> Event:
    return Parser(POSTFIX, tz=UTC, now=lambda: NOW)(f"{STAMP} mail {program}[10218]: {text}")


def dovecot(text: str) -> Event:
    return Parser(DOVECOT, tz=UTC, now=lambda: NOW)(f"{STAMP} {text}")


# (program, text, kind, queue id, fields that must be there)
POSTFIX_LINES: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("smtpd", "connect from localhost[127.0.0.1]", "connect", "", {}),
    (
        "smtpd",
        "disconnect from unknown[2001:db8::1] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4",
        "disconnect",
        "",
        {},
    ),
    (
        "smtpd",
        f"{Q}: client=mx.example[192.0.2.1]:4711",
        "client",
        Q,
        {"client": "mx.example[192.0.2.1]", "service": ""},
    ),
    (
        "submission/smtpd",
        f"{Q}: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=u1@d0.test",
        "client",
        Q,
        {"service": "submission", "sasl": "u1@d0.test", "method": "PLAIN"},
    ),
    ("smtpd", "8F21C3A0B1: client=localhost[127.0.0.1]", "client", "8F21C3A0B1", {}),
    (
        "smtpd",
        "NOQUEUE: reject: RCPT from localhost[127.0.0.1]: 554 5.7.1 <x@remote.example>: Relay access denied; "
        "from=<a@mail.n1.test> to=<x@remote.example> proto=ESMTP helo=<vm>",
        "reject",
        "",
        {
            "code": "554",
            "dsn": "5.7.1",
            "text": "Relay access denied",
            "from": "a@mail.n1.test",
            "to": "x@remote.example",
            "helo": "vm",
        },
    ),
    (
        "smtpd",
        "NOQUEUE: reject: RCPT from localhost[127.0.0.1]: 550 5.1.1 <nosuch@d0.test>: Recipient "
        "address rejected: "
        "User unknown in virtual mailbox table; from=<> to=<nosuch@d0.test> proto=ESMTP helo=<[127.0.0.1]>",
        "reject",
        "",
        {
            "from": "",
            "to": "nosuch@d0.test",
            "text": "Recipient address rejected: User unknown in virtual mailbox table",
        },
    ),
    (
        "submission/smtpd",
        "NOQUEUE: reject: RCPT from localhost[127.0.0.1]: 553 5.7.1 <u2@d0.test>: Sender address rejected: "
        "not owned by user u1@d0.test; from=<u2@d0.test> to=<x@remote.example> proto=ESMTP helo=<vm>",
        "reject",
        "",
        {"sasl": "u1@d0.test", "service": "submission"},
    ),
    (
        "submission/smtpd",
        "NOQUEUE: reject: RCPT from localhost[127.0.0.1]: 450 4.7.1 <x@remote.example>: Recipient address "
        "rejected: Sending limit for u1@d0.test: 3 mails an hour for the account, counted by recipient; 3 "
        "are sent, so try again in 1 minute; from=<u1@d0.test> to=<x@remote.example> proto=ESMTP helo=<vm>",
        "reject",
        "",
        {"sasl": "u1@d0.test", "to": "x@remote.example", "code": "450", "stage": "RCPT"},
    ),
    (
        "submissions/smtpd",
        f"{Q}: reject: DATA from localhost[127.0.0.1]: 450 4.7.1 <DATA>: Data command rejected: Sending "
        "limit for u1@d0.test: 3 mails an hour for the account, counted by recipient; this one has 4 "
        "recipients, so send it to fewer at a time; from=<u1@d0.test> proto=ESMTP helo=<vm>",
        "reject",
        Q,
        {"sasl": "u1@d0.test", "from": "u1@d0.test", "stage": "DATA"},
    ),
    (
        "cleanup",
        f"{Q}: milter-reject: END-OF-MESSAGE from localhost[127.0.0.1]: 5.7.1 Spam message rejected; "
        "from=<a@b.test> to=<u1@d0.test> proto=ESMTP helo=<vm>",
        "reject",
        Q,
        {
            "stage": "END-OF-MESSAGE",
            "code": "",
            "dsn": "5.7.1",
            "text": "Spam message rejected",
            "to": "u1@d0.test",
        },
    ),
    (
        "smtpd",
        (
            "Anonymous TLS connection established from localhost[127.0.0.1]: TLSv1.3 with cipher "
            "TLS_AES_256_GCM_SHA384 (256/256 bits)"
        ),
        "tls",
        "",
        {"version": "TLSv1.3", "client": "localhost[127.0.0.1]"},
    ),
    (
        "smtpd",
        (
            "warning: localhost[127.0.0.1]: SASL PLAIN authentication failed: (reason unavailable), "
            "sasl_username=u6@d0.test"
        ),
        "auth-failed",
        "",
        {"user": "u6@d0.test", "method": "PLAIN"},
    ),
    (
        "cleanup",
        f"{Q}: message-id=<20261122035512.005158@vm>",
        "message-id",
        Q,
        {"id": "<20261122035512.005158@vm>"},
    ),
    (
        "cleanup",
        f"{Q}: info: header Subject: Hello first from localhost[127.0.0.1]; from=<a@mail.n1.test> "
        f"to=<u1@d0.test> "
        "proto=ESMTP helo=<vm>",
        "subject",
        Q,
        {"value": "Hello first", "to": "u1@d0.test"},
    ),
    (
        "cleanup",
        f"{Q}: info: header SUBJECT: from local; from=<root@n1.test>",
        "subject",
        Q,
        {"value": ""},
    ),
    (
        "cleanup",
        f"{Q}: info: header Subject: from local from localhost[127.0.0.1]; from=<a@d0.test> to=<b@d0.test>",
        "subject",
        Q,
        {"value": "from local", "from": "a@d0.test"},
    ),
    (
        "qmgr",
        f"{Q}: from=<a@mail.n1.test>, size=386, nrcpt=2 (queue active)",
        "queued",
        Q,
        {"size": 386, "nrcpt": 2},
    ),
    ("qmgr", f"{Q}: removed", "removed", Q, {}),
    ("qmgr", f"{Q}: from=<a@b.test>, status=expired, returned to sender", "expired", Q, {}),
    ("pickup", f"{Q}: uid=0 from=<root>", "client", Q, {"service": "pickup"}),
    (
        "lmtp",
        (
            f"{Q}: to=<u2+foo@d0.test>, orig_to=<team@d0.test>, relay=mail.n1.test[private/dovecot-lmtp], "
            f"delay=0.03, "
            "delays=0.01/0/0/0.01, dsn=2.0.0, status=sent (250 2.0.0 <u2+foo@d0.test> "
            "fnlsLRRoAmvpJwAAg+zDdQ:R2 Saved)"
        ),
        "delivery",
        Q,
        {"to": "u2+foo@d0.test", "orig": "team@d0.test", "status": "sent", "by": "lmtp"},
    ),
    (
        "smtp",
        f"{Q}: to=<x@down.example>, relay=none, delay=0.05, delays=0.05/0/0/0, dsn=4.4.1, status=deferred "
        "(connect to 127.0.0.1[127.0.0.1]:1: Connection refused)",
        "delivery",
        Q,
        {"status": "deferred", "dsn": "4.4.1"},
    ),
    (
        "smtp",
        f"{Q}: to=<x@b.example>, relay=mx[2001:db8::1]:25, conn_use=2, delay=0.06, "
        f"delays=0.05/0/0/0.01, dsn=5.3.0, status=bounced "
        "(host mx[2001:db8::1] said: 500 5.3.0 Error (in reply to RCPT TO command))",
        "delivery",
        Q,
        {"status": "bounced"},
    ),
    (
        "error",
        (
            f"{Q}: to=<x@b.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred "
            f"(delivery temporarily suspended)"
        ),
        "delivery",
        Q,
        {"by": "error"},
    ),
    (
        "bounce",
        f"{Q}: sender non-delivery notification: 4jXFdK18n8zLKxc",
        "bounce",
        Q,
        {"notice": "4jXFdK18n8zLKxc"},
    ),
    ("smtp", "connect to 127.0.0.1[127.0.0.1]:1: Connection refused", "attempt", "", {}),
    (
        "smtp",
        f"{Q}: host mx.example[192.0.2.1] said: 450 4.2.0 Greylisted (in reply to RCPT TO command)",
        "attempt",
        Q,
        {},
    ),
    (
        "proxymap",
        "fatal: dict_sqlite_lookup: aliases.cf: SQL prepare failed",
        "notice",
        "",
        {"severity": "fatal"},
    ),
    ("master", "daemon started -- version 3.7.11, configuration /etc", "notice", "", {"severity": "info"}),
    ("smtpd", "something that Postfix does not say", "unparsed", "", {}),
]


@pytest.mark.parametrize(("program", "text", "kind", "ref", "fields"), POSTFIX_LINES)
def test_postfix_lines(program: str, text: str, kind: str, ref: str, fields: dict[str, Any]) -> None:
    event = postfix(text, f"postfix/{program}")
    assert (event.kind, event.ref) == (kind, ref)
    assert event.data.items() >= fields.items()
    assert event.at == datetime(2026, 11, 22, 3, 57, 9, tzinfo=UTC).timestamp()


DOVECOT_LINES: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "imap-login: Info: Login: user=<u161@d1.test>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, "
        "mpid=8900, secured, "
        "session=<XKXrvdVgvOZ/AAAB>",
        "sign-in",
        "XKXrvdVgvOZ/AAAB",
        {"user": "u161@d1.test", "protocol": "imap", "encrypted": True},
    ),
    (
        (
            "pop3-login: Info: Login: user=<a@b.test>, method=PLAIN, rip=2001:db8::7, lip=::1, mpid=1, "
            "session=<x>"
        ),
        "sign-in",
        "x",
        {"client": "2001:db8::7", "encrypted": False},
    ),
    (
        (
            "imap(u161@d1.test)<8900><XKXrvdVgvOZ/AAAB>: Info: Disconnected: Logged out in=8 out=486 "
            "deleted=0 expunged=2 trashed=0"
        ),
        "sign-out",
        "XKXrvdVgvOZ/AAAB",
        {"counts": {"in": 8, "out": 486, "deleted": 0, "expunged": 2, "trashed": 0}},
    ),
    (
        (
            "pop3(u160@d1.test)<26277><WiZF0tVgxuF/AAAB>: Info: Disconnected: Logged out top=0/0, "
            "retr=3/4011, del=3/3, size=4011"
        ),
        "sign-out",
        "WiZF0tVgxuF/AAAB",
        {
            "counts": {
                "top": 0,
                "top_bytes": 0,
                "retr": 3,
                "retr_bytes": 4011,
                "dele": 3,
                "dele_of": 3,
                "size": 4011,
            }
        },
    ),
    (
        "imap-login: Info: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): "
        "user=<u161@d1.test>, method=PLAIN, "
        "rip=127.0.0.1, lip=127.0.0.1, secured, session=<4EZF0tVgEqp/AAAB>",
        "auth-failed",
        "4EZF0tVgEqp/AAAB",
        {"user": "u161@d1.test"},
    ),
    (
        "imap-login: Info: Disconnected: Connection closed (internal failure, 1 successful auths): "
        "user=<u6@d0.test>, method=PLAIN, "
        "rip=127.0.0.1, lip=127.0.0.1, secured, session=<S>",
        "auth-failed",
        "S",
        {"user": "u6@d0.test", "cause": "stopped"},
    ),
    (
        "auth-worker(26271): Info: conn unix:auth-worker (pid=26262,uid=107): auth-worker<4>: "
        "sql(u161@d1.test,127.0.0.1,<4E>): "
        "Password mismatch",
        "auth",
        "",
        {"user": "u161@d1.test", "reason": "Password mismatch"},
    ),
    (
        "lmtp(u1@d0.test)<5135><sKmeMqBnAmsPFAAAg+zDdQ>: Info: msgid=<2026@vm>: saved mail to INBOX",
        "stored",
        "sKmeMqBnAmsPFAAAg+zDdQ",
        {"action": "saved mail to", "what": "INBOX", "user": "u1@d0.test"},
    ),
    (
        (
            "lmtp(u5@d0.test)<5135><yIn5>: Info: msgid=<2026@vm>: save failed to INBOX: Quota exceeded "
            "(mailbox for user is full)"
        ),
        "stored",
        "yIn5",
        {"action": "save failed to", "what": "INBOX: Quota exceeded (mailbox for user is full)"},
    ),
    (
        "lmtp(u10@d0.test)<14809><yH>: Info: sieve: msgid=<2026@vm>: stored mail into mailbox 'Work/2026'",
        "stored",
        "yH",
        {"what": "Work/2026"},
    ),
    (
        (
            "lmtp(u10@d0.test)<14809><yH>: Info: sieve: msgid=<2026@vm>: redirect action: forwarded to "
            "<fwd@remote.example>"
        ),
        "stored",
        "yH",
        {},
    ),
    (
        "master: Info: Dovecot v2.3.19.1 (9b53102964) starting up for imap, pop3, lmtp, sieve",
        "notice",
        "",
        {"program": "master"},
    ),
    ("no service says this", "unparsed", "", {}),
]


@pytest.mark.parametrize(("text", "kind", "ref", "fields"), DOVECOT_LINES)
def test_dovecot_lines(text: str, kind: str, ref: str, fields: dict[str, Any]) -> None:
    event = dovecot(text)
    assert (event.kind, event.ref) == (kind, ref)
    assert event.data.items() >= fields.items()


def test_dovecot_through_syslog() -> None:
    event = postfix("lmtp(u1@d0.test)<5135><s>: msgid=<2026@vm>: saved mail to INBOX", "dovecot")
    assert event.kind == "stored"


def test_tls_version_is_remembered_until_the_mail_is_handed_in() -> None:
    parser = Parser(POSTFIX, tz=UTC, now=lambda: NOW)
    parser(
        f"{STAMP} mail postfix/smtps/smtpd[7]: Anonymous TLS connection established from h[192.0.2.1]: "
        f"TLSv1.3 with cipher X (1/1 bits)"
    )
    event = parser(
        f"{STAMP} mail postfix/smtps/smtpd[7]: {Q}: client=h[192.0.2.1], sasl_method=PLAIN, "
        f"sasl_username=a@b.test"
    )
    assert event.data["tls"] == "TLSv1.3"
    parser(f"{STAMP} mail postfix/smtps/smtpd[7]: disconnect from h[192.0.2.1] quit=1 commands=1")
    assert "tls" not in parser(f"{STAMP} mail postfix/smtps/smtpd[7]: {Q}: client=h[192.0.2.1]").data


# ---- hostile text

FORGED = f"{Q}: to=<boss@d0.test>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 forged)"


def test_subject_that_looks_like_our_own_end_of_line() -> None:
    lie = "Hi from evil[1.1.1.1]; from=<x@y.test> to=<victim@d0.test> proto=ESMTP helo=<h>"
    event = postfix(
        (
            f"{Q}: info: header Subject: {lie} from real[192.0.2.1]; from=<a@b.test> to=<c@d.test> "
            f"proto=ESMTP helo=<vm>"
        ),
        "postfix/cleanup",
    )
    assert event.kind == "subject"
    assert "to" not in event.data
    assert "from" not in event.data


def test_helo_cannot_name_another_recipient() -> None:
    event = postfix(
        "NOQUEUE: reject: RCPT from e[192.0.2.9]: 554 5.7.1 <a@b.test>: Relay access denied; "
        "from=<x@y.test> to=<a@b.test> proto=ESMTP "
        "helo=<x; from=<a@b.test> to=<victim@d0.test> proto=ESMTP helo=<y>"
    )
    assert event.data.get("to") != "victim@d0.test"


def test_no_recipient_can_say_who_was_signed_in() -> None:
    forged = '"a>: Recipient address rejected: Sending limit for boss@d0.test: 3 mails"@d0.test'
    said = "Recipient address rejected: User unknown in virtual mailbox table"
    text = f"NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 <{forged}>: {said}; from=<a@b.test>"
    assert "sasl" not in postfix(f"{text} to=<{forged}> proto=ESMTP helo=<x>", "postfix/smtpd").data


def test_quoted_local_part_cannot_forge_a_status() -> None:
    event = postfix(
        f'{Q}: to=<"a>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 x"@d0.test>, '
        "relay=none, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (no such user)",
        "postfix/smtp",
    )
    assert event.data["status"] == "bounced"


def test_login_name_cannot_name_another_address() -> None:
    event = dovecot(
        "imap-login: Info: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): "
        "user=<a>, method=PLAIN, rip=9.9.9.9, "
        "lip=1.1.1.1, session=<x>, method=PLAIN, rip=192.0.2.1, lip=127.0.0.1, secured, session=<S>"
    )
    assert event.kind == "auth-failed"
    assert "client" not in event.data


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.just(FORGED) | st.just(f"x\n{STAMP} mail postfix/smtp[1]: {FORGED}"))
def test_subject_is_only_ever_a_subject(subject: str) -> None:
    inside = re.sub(r"[\x00-\x1f\x7f]", "?", subject)  # as Postfix prints it
    event = postfix(
        (
            f"{Q}: info: header Subject: {inside} from h[192.0.2.1]; from=<a@b.test> to=<c@d.test> "
            f"proto=ESMTP helo=<vm>"
        ),
        "postfix/cleanup",
    )
    assert (event.kind, event.ref) == ("subject", Q)
    assert event.data.get("to") in {None, "c@d.test"}


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"{STAMP} mail postfix/{text}".encode())
)
def test_no_line_stops_the_parser(line: bytes) -> None:
    for log in (POSTFIX, DOVECOT):
        event = Parser(log, tz=UTC, now=lambda: NOW)(line)
        assert "\0" not in event.raw
        event.raw.encode()


def test_line_too_long_is_kept_in_part_and_not_believed() -> None:
    event = postfix(f"{Q}: message-id=<{'x' * 70_000}>", "postfix/cleanup")
    assert event.kind == "unparsed"
    assert len(event.raw) == RAW_MAX
