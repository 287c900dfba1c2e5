"""What Dovecot 2.3 says of sessions, programs and removed mails. Real lines, some by a client that lies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodeagent.maillog.parse_dovecot import program, read

TLS = "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
END = f"rip=127.0.0.1, lip=127.0.0.1, TLS, session=<O2mqeuFgXK9/AAAB>, app=<>, tls=<{TLS}>"
WITH_PID = END.replace(", TLS", ", mpid=4535, TLS")
IMAP = "imap(ana@luna.test)<4535><O2mqeuFgXK9/AAAB>: Info"

LINES: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        f"imap-login: Info: Login: user=<ana@luna.test>, method=PLAIN, {WITH_PID}",
        "sign-in",
        "O2mqeuFgXK9/AAAB",
        {"user": "ana@luna.test", "encrypted": True, "tls": TLS, "protocol": "imap", "client": "127.0.0.1"},
    ),
    (
        'imap-login: Info: ID sent: name=Thunderbird, rip=1.2.3.4, version=115.0, os=Win"dows, vendor=x: '
        f"user=<a>, b, evil=yes: user=<>, {END}",
        "program",
        "O2mqeuFgXK9/AAAB",
        {"protocol": "imap", "name": "Thunderbird, rip=1.2.3.4", "version": "115.0", "os": 'Win"dows'},
    ),
    (f"{IMAP}: ID sent: name=After, version=2", "program", "O2mqeuFgXK9/AAAB", {"user": "ana@luna.test"}),
    (
        f"{IMAP}: expunge: box=INBOX, msgid=<1@luna.test>, size=1697",
        "expunge",
        "O2mqeuFgXK9/AAAB",
        {"action": "expunge", "box": "INBOX", "msgid": "<1@luna.test>", "size": 1697, "by": "imap"},
    ),
    (
        f"{IMAP}: delete: box=We ird, msgid=<x>, msgid=<a, size=1>, size=27",
        "expunge",
        "O2mqeuFgXK9/AAAB",
        {"action": "delete", "box": "We ird, msgid=<x>, msgid=<a, size=1>", "msgid": "", "size": 27},
    ),
    (
        f"{IMAP}: Mailbox deleted: Foo",
        "expunge",
        "O2mqeuFgXK9/AAAB",
        {"action": "folder-deleted", "box": "Foo"},
    ),
    (
        "doveadm(ana@luna.test)<29681><FkBWC60ZA2vxcwAAg+zDdQ>: Info: expunge: box=Trash, msgid=, size=1041",
        "expunge",
        "FkBWC60ZA2vxcwAAg+zDdQ",
        {"by": "doveadm", "msgid": ""},
    ),
    ("doveadm(127.0.0.1): Info: Executing command 'quota get' as 'ana@luna.test'", "notice", "", {}),
    (
        "doveadm(k19751@kill.test)<23066><>: Error: auth-master: userdb lookup(k19751@kill.test): refused",
        "notice",
        "",
        {"severity": "error", "user": "k19751@kill.test"},
    ),
    (
        "imap-login: Info: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): "
        "user=<no@luna.test>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, TLS: Connection closed, "
        f"session=<kgSreuFgZK9/AAAB>, app=<>, tls=<{TLS}>",
        "auth-failed",
        "kgSreuFgZK9/AAAB",
        {"user": "no@luna.test", "encrypted": True, "tls": TLS, "protocol": "imap"},
    ),
    (
        "auth-worker(3744): Info: conn unix:auth-worker (pid=3497,uid=104): auth-worker<20>: "
        "sql(main.1795371362850/ines@luna.test,127.0.0.1): Password mismatch",
        "auth",
        "",
        {"user": "ines@luna.test", "cause": "password", "client": "127.0.0.1"},
    ),
    (
        "auth-worker(3744): Info: conn unix:auth-worker (pid=3497,uid=104): auth-worker<23>: "
        "sql(nosuch@luna.test,127.0.0.1,<kgSreuFgZK9/AAAB>): unknown user",
        "auth",
        "",
        {"cause": "unknown", "session": "kgSreuFgZK9/AAAB"},
    ),
    (
        "auth-worker(9): Info: conn unix:auth-worker (pid=7,uid=104): auth-worker<5>: "
        "sql(ana@luna.test,192.0.2.7,<abc>): allow_nets check failed: IP 192.0.2.7 not in allowed networks",
        "auth",
        "",
        {"cause": "network"},
    ),
    (
        "lmtp(fwd@luna.test)<1><s>: Info: sieve: msgid=<1@x>: redirect action: forwarded to "
        "<carla@sink.test>",
        "stored",
        "s",
        {"id": "<1@x>", "action": "redirect action: forwarded to", "what": "<carla@sink.test>"},
    ),
    (
        "lmtp(fwd@luna.test)<1><s>: Info: sieve: msgid=<1@x>: reject action: rejected message from "
        "<bob@sink.test> (reject)",
        "stored",
        "s",
        {"id": "<1@x>", "action": "reject action: rejected message from", "what": "<bob@sink.test> (reject)"},
    ),
    (
        "lmtp(a@luna.test)<1><s>: Info: sieve: msgid=<1@x>: discard action: Marked message to be discarded "
        "if not explicitly delivered (discard action)",
        "stored",
        "s",
        {
            "id": "<1@x>",
            "action": "discard action: Marked message to be discarded if not explicitly delivered",
        },
    ),
    (
        "lmtp(a@luna.test)<1><s>: Info: sieve: msgid=<1@x>: vacation action: discarded duplicate vacation "
        "response to <sol@n.test>",
        "stored",
        "s",
        {"action": "vacation action: discarded duplicate vacation response to", "what": "<sol@n.test>"},
    ),
    (
        "lmtp(a@luna.test)<1><s>: Info: sieve: msgid=<1@x>: stored mail into mailbox 'Work: 2026'",
        "stored",
        "s",
        {"action": "stored mail into mailbox", "what": "Work: 2026"},
    ),
    (
        "lmtp(a@luna.test)<1><s>: Error: sieve: Execution of script /x.sieve failed",
        "notice",
        "s",
        {"severity": "error", "user": "a@luna.test"},
    ),
    ("lmtp(3503): Info: Connect from local", "notice", "", {}),
    ("imap(13171): Warning: Killed with signal 15 (by pid=13586 uid=0 code=kill)", "notice", "", {}),
]


@pytest.mark.parametrize(("text", "kind", "ref", "fields"), LINES)
def test_lines(text: str, kind: str, ref: str, fields: dict[str, Any]) -> None:
    found = read(text)
    assert found is not None
    assert (found[0], found[1]) == (kind, ref)
    assert found[2].items() >= fields.items()


def test_the_counts_of_a_broken_session_are_the_last_words() -> None:
    found = read(
        f"{IMAP}: Disconnected: Connection closed: read(size=8192) failed: Connection reset by peer in=8 "
        "out=9 deleted=1 expunged=2 trashed=0"
    )
    assert found is not None
    assert found[2]["counts"] == {"in": 8, "out": 9, "deleted": 1, "expunged": 2, "trashed": 0}
    assert found[2]["reason"].endswith("Connection reset by peer")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200).map(lambda text: text.replace("\n", "?")))
def test_no_program_signs_in_by_what_it_calls_itself(name: str) -> None:
    found = read(f"imap-login: Info: ID sent: name={name}: user=<>, {END}")
    assert found is not None
    assert (found[0], found[1]) == ("program", "O2mqeuFgXK9/AAAB")
    assert found[2].keys() <= {"protocol", "name", "version", "os", "os-version", "vendor"}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=500))
def test_what_a_program_says_is_cut(text: str) -> None:
    assert all(len(value) <= 200 for value in program(text).values())


def test_a_refused_name_that_holds_a_whole_look_up_is_no_look_up() -> None:
    """Dovecot repeats in its own line what it did not take as a name."""
    found = read(
        "auth: Info: sql(?,127.0.0.1): Username character disallowed by auth_username_chars: 0x2c "
        "(username: hola@sol.test,1.2.3.4,<s>): Password mismatch)"
    )
    assert found is not None
    assert found[0] == "notice"
