"""Which log lines become an Attempt. The lines are as the real servers wrote them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery import wire
from delivery.services import ingest
from delivery.wire import Line
from guides.models import Attempt, What
from guides.watching.told import attempts_forget, listen, read
from nodeagent.contract import CONTRACT
from nodeagent.maillog.parse import Parser
from provision.models import Node
from tests.factories import MailDomainFactory, NodeFactory

REST = "rip=192.0.2.7, lip=192.0.2.25"
CLEAR = (
    "imap-login: Info: Login failed: SSL required for authentication: user=<>, method=PLAIN, "
    f"{REST}, session=<a>, app=<>"
)
SHAKEN = (
    "imap-login: Info: Disconnected: Connection closed: SSL_accept() failed: error:%s (no auth "
    "attempts in 0 secs): "
    f"user=<>, {REST}, TLS handshaking: SSL_accept() failed: error:%s, session=<b>, app=<>"
)
OLD, DISTRUST = "0A000102:SSL routines::unsupported protocol", "0A000418:SSL routines::tlsv1 alert unknown ca"
HUNG_UP = (
    "imap-login: Info: Disconnected: Connection closed (no auth attempts in 4 secs): "
    f"user=<>, {REST}, TLS handshaking: Connection closed, session=<c>, app=<>"
)
NOISE = (
    "imap-login: Info: Disconnected: Too many invalid commands (no auth attempts in 0 secs): "
    f"user=<>, {REST}, session=<d>, app=<>"
)
REACHED = (
    f"pop3-login: Info: Disconnected: Connection closed (no auth attempts in 4 secs): user=<>, {REST}, "
    "TLS: Connection closed, session=<e>, app=<>, tls=<TLSv1.3 with cipher X (256/256 bits)>"
)
UNKNOWN = (
    "auth-worker(9): Info: conn unix:auth-worker (pid=1,uid=2): auth-worker<4>: "
    "sql(%s,192.0.2.7%s): unknown user"
)
SMTPD = "mail1 postfix%s/smtpd[77]: "
TLS = "Anonymous TLS connection established from unknown[192.0.2.7]: TLSv1.3 with cipher X (256/256 bits)"


def dovecot(text: str) -> list[str]:
    return told("dovecot", [text])


def postfix(service: str, *texts: str) -> list[str]:
    return told("postfix", [SMTPD % service + text for text in texts])


def told(log: str, texts: list[str]) -> list[str]:
    """protocol:what of each line that becomes one."""
    parser, now = Parser(log, tz=UTC), datetime.now(UTC)
    events = [parser(f"{now:%b} {now.day:>2} {now:%H:%M:%S} {text}") for text in texts]
    assert all(event.kind != "unparsed" for event in events)
    found = [read(Line(0, event.at, event.kind, event.ref, event.data, "")) for event in events]
    assert all(one.network == "192.0.2.7/32" for one in found if one)
    return [f"{one.protocol}:{one.what}" for one in found if one]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (CLEAR, "imap:clear"),
        (SHAKEN % (OLD, OLD), "imap:old"),
        (SHAKEN % (DISTRUST, DISTRUST), "imap:untrusted"),
        (HUNG_UP, "imap:plain-on-tls"),
        (NOISE, "imap:tls-on-plain"),
        (REACHED, "pop3:reached"),
        (UNKNOWN % ("ana", ",<x>"), ":name"),
        (UNKNOWN % ("ana", ""), "smtp:name"),
    ],
)
def test_dovecots_lines(text: str, what: str) -> None:
    assert dovecot(text) == [what]


@pytest.mark.parametrize(
    ("service", "texts", "what"),
    [
        ("/submission", ["disconnect from unknown[192.0.2.7] ehlo=1 auth=0/1 quit=1 commands=2/3"], "clear"),
        ("/submission", ["disconnect from unknown[192.0.2.7] ehlo=1 mail=0/1 quit=1 commands=2/3"], "clear"),
        ("", ["disconnect from unknown[192.0.2.7] ehlo=1 auth=0/1 quit=1 commands=2/3"], "port-25"),
        (
            "/submissions",
            [TLS, "disconnect from unknown[192.0.2.7] ehlo=1 auth=1 quit=1 commands=3"],
            "signed-in",
        ),
        ("/submission", ["lost connection after CONNECT from unknown[192.0.2.7]"], "tls-on-plain"),
        (
            "/submission",
            [r"improper command pipelining after CONNECT from unknown[192.0.2.7]: \026\003\001\002"],
            "tls-on-plain",
        ),
        (
            "/submissions",
            [
                "SSL_accept error from unknown[192.0.2.7]: -1",
                "warning: TLS library problem: "
                f"error:{DISTRUST}:../ssl/record/rec_layer_s3.c:1601:SSL alert number 48:",
                "lost connection after CONNECT from unknown[192.0.2.7]",
            ],
            "untrusted",
        ),
        (
            "",
            [
                "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <x@a.example>: Recipient "
                "address rejected: "
                "Relay access denied; from=<ana@luna.test> to=<x@a.example> proto=ESMTP helo=<pc>"
            ],
            "port-25",
        ),
        (
            "/submissions",
            [
                "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 553 5.7.1 <ana@luna.test>: Sender "
                "address rejected: "
                "not logged in; from=<ana@luna.test> to=<x@a.example> proto=ESMTP helo=<pc>"
            ],
            "no-sign-in",
        ),
    ],
)
def test_postfixs_lines(service: str, texts: list[str], what: str) -> None:
    assert postfix(service, *texts) == [f"smtp:{what}"]


def test_what_went_well_is_no_attempt() -> None:
    done = "disconnect from unknown[192.0.2.7] ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6"
    assert postfix("/submissions", TLS, done) == []
    assert (
        postfix("", "disconnect from unknown[192.0.2.7] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5") == []
    )
    assert postfix("", "disconnect from unknown[192.0.2.7] ehlo=2 auth=0/1 auth=1 x=<y> commands=5") == []


def post(node: Node, log: str, *texts: str, ago: int = 0, start: int = 0) -> None:
    at, parser, events = timezone.now().astimezone(UTC) - timedelta(seconds=ago), Parser(log, tz=UTC), []
    for number, text in enumerate(texts):
        events.append([start + number, *parser(f"{at:%b} {at.day:>2} {at:%H:%M:%S} {text}")])
    batch = {
        "contract": CONTRACT, "node": node.name, "log": log, "file": f"f-{log}", "start": start,
        "end": start + len(texts), "events": events,
    }  # fmt: skip
    ingest(node=node, batches=wire.read(json.dumps(batch).encode()))


@pytest.mark.django_db
def test_one_row_a_kind_and_network_and_the_newest_stays() -> None:
    node = NodeFactory.create()
    post(node, "dovecot", UNKNOWN % ("ana", ",<x>"), CLEAR, ago=60)
    first = Attempt.objects.get(what=What.NAME)
    post(node, "dovecot", UNKNOWN % ("ana@lun", ",<y>"), CLEAR, start=100)

    row = Attempt.objects.get(what=What.NAME)
    assert (row.pk, row.login, row.network) == (first.pk, "ana@lun", "192.0.2.7/32")
    assert row.at > first.at
    assert Attempt.objects.count() == 2


@pytest.mark.django_db
def test_a_sender_is_kept_when_its_domain_is_ours() -> None:
    mail = MailDomainFactory.create(domain__name="luna.test")
    text = SMTPD % "" + (
        "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <x@a.example>: Recipient address rejected: "
        "Relay access denied; from=<%s> to=<x@a.example> proto=ESMTP helo=<pc>"
    )
    post(mail.node, "postfix", text % "ana@luna.test", text % "spam@elsewhere.example")

    kept = {(row.sender, row.domain_id) for row in Attempt.objects.all()}
    assert kept == {("ana@luna.test", mail.domain.pk), ("", None)}


@pytest.mark.django_db
def test_they_are_forgotten() -> None:
    now = timezone.now()
    for number, (age, domain) in enumerate([(2, None), (2, 7), (24 * 15, 7), (0, None)]):
        Attempt.objects.create(
            network=f"192.0.2.{number}/32", protocol="smtp", what=What.PORT_25, domain_id=domain,
            at=now - timedelta(hours=age),
        )  # fmt: skip

    assert attempts_forget() == 2
    assert set(Attempt.objects.values_list("network", flat=True)) == {"192.0.2.1/32", "192.0.2.3/32"}
    assert attempts_forget() == 0


FIELDS = [
    "user",
    "client",
    "protocol",
    "service",
    "reason",
    "handshake",
    "encrypted",
    "text",
    "from",
    "cause",
]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=40),
    st.sampled_from(["127.0.0.1", "fe80::1%eth0", "imap", "submissions", "SSL_accept: x"]),
    st.sampled_from(["clear", "unknown"]),
    st.sampled_from(["x" * 900, "\u202e", "a\0b"]),
    st.sampled_from(["Relay access denied", "not logged in", "ehlo=1 auth=1", "ana@luna.test"]),
)  # fmt: skip


@pytest.mark.django_db
@given(
    kinds=st.lists(
        st.sampled_from(["auth", "auth-failed", "reject", "connection", "disconnect"]), max_size=6
    ),
    data=st.dictionaries(st.sampled_from(FIELDS), VALUES),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_line_stops_the_log(kinds: list[str], data: dict[str, Any]) -> None:
    """Whatever raises here is sent again for ever, and no later line comes in."""
    at = timezone.now().timestamp()
    lines = [Line(10 * n, at, kind, "", {"client": "192.0.2.7"} | data, "") for n, kind in enumerate(kinds)]
    listen(NodeFactory.create(), lines)


def test_a_protocol_that_nobody_watches_for() -> None:
    data = {"client": "192.0.2.7", "protocol": "submission", "cause": "clear"}
    assert read(Line(0, 0.0, "auth", "", data, "")) is None
    assert read(Line(0, 0.0, "auth", "", data | {"protocol": "imap"}, "")) is not None


def test_a_look_whether_a_port_is_open_is_no_attempt() -> None:
    """The panel does that every some seconds, from the address that a demo's visitors have as well."""
    assert postfix("/submissions", "SSL_accept error from unknown[192.0.2.7]: lost connection") == []
    said = "imap-login: Info: Disconnected: Connection closed (no auth attempts in {n} secs): user=<>, "
    rest = "rip=192.0.2.7, lip=192.0.2.1, TLS handshaking: Connection closed, session=<6uAPxeVggop>"
    assert dovecot(said.format(n=0) + rest) == []
    assert dovecot(said.format(n=60) + rest) == ["imap:plain-on-tls"]
