"""What a mail program is told: implicit TLS first, no clear text, no port 25, the whole address as user
name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from guides.clientconfig import Encryption, Protocol, client_config

ALL = {
    "smtp": 2525,
    "submission": 2587,
    "submissions": 2465,
    "imap": 2143,
    "imaps": 2993,
    "pop3": 2110,
    "pop3s": 2995,
    "sieve": 4190,
    "dns": 5300,
}
SERVICES = st.dictionaries(st.sampled_from(sorted(ALL)), st.integers(1, 65535))


def test_each_protocol_is_offered_with_tls_from_the_start() -> None:
    config = client_config("ana@example.test", host="mail1.example.net", ports=ALL)

    offered = {server.protocol: (server.port, server.encryption) for server in config.servers}
    assert offered == {
        Protocol.IMAP: (2993, Encryption.TLS),
        Protocol.POP3: (2995, Encryption.TLS),
        Protocol.SMTP: (2465, Encryption.TLS),
    }
    assert {server.host for server in config.servers} == {"mail1.example.net"}
    assert {server.username for server in config.servers} == {"ana@example.test"}


def test_starttls_is_for_programs_that_cannot_do_better() -> None:
    config = client_config("ana@example.test", host="mail1.example.net", ports=ALL)

    assert {(server.protocol, server.port) for server in config.others} == {
        (Protocol.IMAP, 2143),
        (Protocol.POP3, 2110),
        (Protocol.SMTP, 2587),
    }
    assert {server.encryption for server in config.others} == {Encryption.STARTTLS}


def test_a_node_without_implicit_tls_offers_starttls_first() -> None:
    config = client_config("ana@example.test", host="h", ports={"submission": 587, "imap": 143})

    assert [(server.protocol, server.encryption) for server in config.servers] == [
        (Protocol.IMAP, Encryption.STARTTLS),
        (Protocol.SMTP, Encryption.STARTTLS),
    ]
    assert config.others == ()
    assert config.server(Protocol.POP3) is None


@given(ports=SERVICES)
def test_no_program_is_sent_to_the_port_for_other_servers(ports: dict[str, int]) -> None:
    config = client_config("ana@example.test", host="h", ports=ports)

    named = {name for name, number in ports.items() if name not in {"smtp", "sieve", "dns"}}
    every = [*config.servers, *config.others]
    assert len(every) == len(named)
    assert sorted(server.port for server in every) == sorted(ports[name] for name in named)
    assert len({server.protocol for server in config.servers}) == len(config.servers)
    assert all(server.encryption in set(Encryption) for server in every)
