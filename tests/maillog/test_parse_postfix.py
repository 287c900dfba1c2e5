"""What Postfix says beyond handing in, delivering and refusing. Lines of a real Postfix 3.7, but for
postscreen's and the looks into the mail, which our configuration does not have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from nodeagent.maillog.parse import POSTFIX, Event, Parser

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC).timestamp()
STAMP = "Nov 22 18:17:21"
Q, OTHER = "4jXcjr279WzYhwd", "4jXcjv3R4YzYhwj"
PEER = "localhost[127.0.0.1]"
CIPHER = "TLS_AES_256_GCM_SHA384"
TO_MX = "Untrusted TLS connection established to mx.example[192.0.2.1]:25: TLSv1.3 with cipher "
RELAY = "mx.example[192.0.2.1]:25"


def parser() -> Parser:
    return Parser(POSTFIX, tz=UTC, now=lambda: NOW)


def said(text: str, program: str = "smtpd", reader: Parser | None = None) -> Event:
    return (reader or parser())(f"{STAMP} mail1 postfix/{program}: {text}")


LINES: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("postsuper[1]", f"{Q}: placed on hold", "hold", Q, {"by": "postsuper"}),
    ("postsuper[1]", f"{Q}: released from hold", "release", Q, {"by": "postsuper"}),
    ("postsuper[1]", f"{Q}: requeued", "requeue", Q, {"by": "postsuper"}),
    ("postsuper[1]", f"{Q}: removed", "removed", Q, {"by": "postsuper"}),
    ("postsuper[1]", f"{Q}: expired", "notice", Q, {"text": "expired"}),
    ("postsuper[1]", "Placed on hold: 1 message", "notice", "", {"severity": "info"}),
    (
        "pickup[3507]",
        f"{OTHER}: uid=102 from=<ines@luna.test> orig_id={Q}",
        "client",
        OTHER,
        {"service": "pickup", "from": "ines@luna.test", "was": Q},
    ),
    (
        "smtpd[7]",
        f"NOQUEUE: hold: RCPT from {PEER}: <a@b.test>: Sender address triggers HOLD action; "
        "from=<a@b.test> to=<c@d.test> proto=ESMTP helo=<vm>",
        "hold",
        "",
        {"stage": "RCPT", "to": "c@d.test", "text": "Sender address triggers HOLD action"},
    ),
    (
        "cleanup[7]",
        f"{Q}: milter-hold: END-OF-MESSAGE from {PEER}: milter triggers HOLD action; from=<a@b.test> "
        "to=<c@d.test> proto=ESMTP helo=<vm>",
        "hold",
        Q,
        {"by": "milter", "stage": "END-OF-MESSAGE"},
    ),
    (
        "smtpd[7]",
        f"NOQUEUE: reject: MAIL from {PEER}: 552 5.3.4 Message size exceeds fixed limit; "
        "from=<who@out.example> proto=ESMTP helo=<[127.0.0.1]>",
        "reject",
        "",
        {"stage": "MAIL", "code": "552", "dsn": "5.3.4", "from": "who@out.example", "helo": "[127.0.0.1]"},
    ),
    (
        "smtpd[7651]",
        f"warning: {Q}: queue file size limit exceeded",
        "reject",
        Q,
        {"stage": "END-OF-MESSAGE", "code": "552", "dsn": "5.3.4"},
    ),
    (
        "submission/smtpd[6577]",
        f"NOQUEUE: milter-reject: CONNECT from {PEER}: 451 4.7.1 Service unavailable - try again later; "
        "proto=SMTP",
        "reject",
        "",
        {"text": "Service unavailable - try again later", "by": "milter", "service": "submission"},
    ),
    (
        "submissions/smtpd[3515]",
        f"warning: {PEER}: SASL PLAIN authentication failed: (reason unavailable), "
        "sasl_username=main.1795371362850/ines@luna.test",
        "auth-failed",
        "",
        {"user": "ines@luna.test", "service": "submissions", "method": "PLAIN"},
    ),
    (
        "cleanup[5]",
        f"{Q}: reject: header Subject: Buy now from mx.example[192.0.2.1]; from=<a@b.test> to=<c@d.test> "
        "proto=ESMTP helo=<vm>: 5.7.1 no adverts",
        "reject",
        Q,
        {"stage": "header", "to": "c@d.test", "text": "5.7.1 no adverts"},
    ),
    (
        "cleanup[5]",
        f"{Q}: hold: body click here from mx.example[192.0.2.1]; from=<a@b.test> to=<c@d.test> "
        "proto=ESMTP helo=<vm>",
        "hold",
        Q,
        {"stage": "body", "value": "click here from mx.example[192.0.2.1]"},
    ),
    (
        "postscreen[9]",
        "NOQUEUE: reject: RCPT from [192.0.2.66]:4711: 550 5.7.1 Service unavailable; client [192.0.2.66] "
        "blocked using zen.example; from=<a@b.test>, to=<c@d.test>, proto=ESMTP, helo=<evil>",
        "reject",
        "",
        {"client": "[192.0.2.66]", "to": "c@d.test", "helo": "evil", "code": "550"},
    ),
    ("postscreen[9]", "CONNECT from [192.0.2.66]:4711 to [192.0.2.1]:25", "notice", "", {}),
    ("postscreen[9]", "PREGREET 11 after 0.1 from [192.0.2.66]:4711: EHLO evil\\r\\n", "notice", "", {}),
    ("postscreen[9]", "DNSBL rank 6 for [192.0.2.66]:4711", "notice", "", {}),
    ("postscreen[9]", "PASS NEW [192.0.2.66]:4711", "notice", "", {}),
    (
        "smtpd[7]",
        "mapping DSN status 5.1.10 into Recipient address status 5.1.0",
        "notice",
        "",
        {"program": "smtpd"},
    ),
    (
        "smtpd[7]",
        f'{PEER}: replacing command "RCPT TO:<postmaster>" with "RCPT TO:<postmaster@h.test>"',
        "notice",
        "",
        {},
    ),
    ("smtpd[7]", f"too many errors after UNKNOWN from {PEER}", "notice", "", {}),
    ("qmgr[1]", f"{Q}: from=<a@b.test>, status=force-expired, returned to sender", "expired", Q, {}),
    (
        "forward/smtpd[7]",
        f"{Q}: client={PEER}, sasl_method=PLAIN, sasl_username=forward, sasl_sender=ana@luna.test",
        "client",
        Q,
        {"service": "forward", "sasl": "forward", "behalf": "ana@luna.test"},
    ),
    (
        "pipe[4]",
        f"{Q}: to=<x@b.test>, relay=maildrop, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered via "
        "maildrop service)",
        "delivery",
        Q,
        {"by": "pipe", "status": "sent"},
    ),
    (
        "smtp[4]",
        f"{Q}: to=<x@b.test>, relay=none, delay=1, delays=0/0/0/1, dsn=2.1.5, status=undeliverable (no)",
        "delivery",
        Q,
        {"status": "undeliverable"},
    ),
]


@pytest.mark.parametrize(("program", "text", "kind", "ref", "fields"), LINES)
def test_lines(program: str, text: str, kind: str, ref: str, fields: dict[str, Any]) -> None:
    event = said(text, program)
    assert (event.kind, event.ref) == (kind, ref)
    assert event.data.items() >= fields.items()


def delivery(queue_id: str, *, again: bool = False, relay: str = RELAY) -> str:
    use = "conn_use=2, " if again else ""
    return (
        f"{queue_id}: to=<x@b.example>, relay={relay}, {use}delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent "
        "(250 ok)"
    )


def test_a_delivery_knows_the_connection_it_went_over() -> None:
    reader = parser()
    said(f"{TO_MX}{CIPHER} (256/256 bits)", "smtp[7]", reader)
    first = said(delivery(Q), "smtp[7]", reader)
    assert first.data.items() >= {"tls": "TLSv1.3", "cipher": CIPHER, "trust": "untrusted"}.items()
    assert said(delivery(Q), "smtp[7]", reader).data["tls"] == "TLSv1.3", "its second recipient"
    assert said(delivery(OTHER, again=True), "smtp[7]", reader).data["tls"] == "TLSv1.3"


def test_no_connection_is_taken_for_another() -> None:
    reader = parser()
    said(f"{TO_MX}{CIPHER} (256/256 bits)", "smtp[7]", reader)
    assert "tls" not in said(delivery(Q), "smtp[8]", reader).data, "another process"
    assert "tls" not in said(delivery(Q, relay="mx.else[192.0.2.2]:25"), "smtp[7]", reader).data
    said(delivery(Q), "smtp[7]", reader)
    assert "tls" not in said(delivery(OTHER), "smtp[7]", reader).data, "a later one, in clear text"


def test_a_mail_that_broke_off_is_named() -> None:
    reader = parser()
    said(f"{Q}: client={PEER}", "smtpd[7]", reader)
    event = said(f"lost connection after DATA (4711 bytes) from {PEER}", "smtpd[7]", reader)
    assert (event.kind, event.ref) == ("aborted", Q)
    assert said(f"lost connection after DATA from {PEER}", "smtpd[8]", reader).kind == "notice"


def test_a_refusal_tells_of_tls() -> None:
    reader = parser()
    said(
        f"Anonymous TLS connection established from {PEER}: TLSv1.2 with cipher X (1/1 bits)",
        "smtpd[7]",
        reader,
    )
    event = said(
        f"NOQUEUE: reject: RCPT from {PEER}: 554 5.7.1 <x@r.example>: Relay access denied; from=<a@b.test> "
        "to=<x@r.example> proto=ESMTP helo=<vm>",
        "smtpd[7]",
        reader,
    )
    assert event.data["tls"] == "TLSv1.2"


def test_a_subject_says_nothing_of_what_was_decided() -> None:
    lie = "x; from=<a@b.test> to=<victim@d.test> proto=ESMTP helo=<h>: 5.7.1 gone"
    event = said(
        f"{Q}: reject: header Subject: {lie} from mx.example[192.0.2.1]; from=<a@b.test> to=<c@d.test> "
        "proto=ESMTP helo=<vm>: 5.7.1 no",
        "cleanup[5]",
    )
    assert (event.kind, event.data.get("to")) == ("reject", None)


@pytest.mark.parametrize("tag", ["postfix/smtpd", "postfix/../smtpd[1]", "post fix/smtpd[1]", "x" * 500])
def test_odd_tags(tag: str) -> None:
    reader = parser()
    for _ in range(2):
        event = reader(f"{STAMP} mail1 {tag}: {Q}: removed")
        assert event.kind in {"unparsed", "notice"} or event.ref == Q


def test_many_processes_and_queue_ids_need_no_more_memory() -> None:
    reader = parser()
    for number in range(30_000):
        said(f"{number + 0xABCDEF:X}: client={PEER}", f"smtpd[{number}]", reader)
    assert len(reader._tags) <= 4096
    assert len(reader._postfix._qids) <= 20_000
    assert len(reader._postfix._last) <= 2000
