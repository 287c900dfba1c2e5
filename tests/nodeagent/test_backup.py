"""Postfix as the product sets it up, as the backup of a primary that is there, away, and back."""

from __future__ import annotations

import contextlib
import json
import smtplib
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nodeagent.directory import Directory, create
from tests.nodeagent import rig

OUTSIDE = "someone@outside.example"


@dataclass
class Primary:
    """The first mail server of the domains: knows who begins with ``ana``. ``got``: recipients of mails that
    had a text."""

    port: int
    got: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def there(self) -> Iterator[None]:
        primary = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.say("220 primary.test ESMTP")
                to: list[str] = []
                for line in iter(self.rfile.readline, b""):
                    verb = line.decode("ascii", "replace").strip()
                    if verb.upper().startswith("RCPT"):
                        name = verb.partition("<")[2].partition(">")[0]
                        known = name.startswith("ana")
                        to += [name] if known else []
                        self.say("250 2.1.5 ok" if known else "550 5.1.1 no such person at the primary")
                    elif verb.upper() == "DATA":
                        self.say("354 go")
                        for text in iter(self.rfile.readline, b""):
                            if text == b".\r\n":
                                break
                        primary.got += to
                        self.say("250 2.0.0 taken")
                    else:
                        self.say("221 bye" if verb.upper() == "QUIT" else "250 ok")

            def say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        server = Server(("127.0.0.1", self.port), Session)
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@dataclass(frozen=True)
class Server:
    directory: Directory
    config: Path
    port: int
    primary: Primary

    def route(self, domain: str, routing: str, *, receive: bool = True) -> None:
        with self.directory.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO domains(name, routing, receive) VALUES (?, ?, ?)",
                (domain, routing, receive),
            )

    def rcpt(self, recipient: str, subject: str = "") -> tuple[int, str]:
        """The answer to the recipient; with a subject the mail is sent."""
        with smtplib.SMTP("127.0.0.1", self.port, local_hostname="mx.outside.example", timeout=30) as client:
            client.ehlo()
            client.mail(OUTSIDE)
            code, text = client.rcpt(recipient)
            if subject and code == 250:
                client.data(f"Subject: {subject}\r\n\r\ntext\r\n".encode())
        return code, text.decode()

    def waiting(self) -> dict[str, str]:
        """Recipient → why it waits, of what is in the queue."""
        done = subprocess.run(
            ["postqueue", "-c", str(self.config), "-j"], capture_output=True, text=True, check=True
        )
        mails = [json.loads(line) for line in done.stdout.splitlines()]
        return {one["address"]: one.get("delay_reason", "") for mail in mails for one in mail["recipients"]}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    root = Path(tempfile.mkdtemp(prefix="postroom-backup-"))
    root.chmod(0o755)
    path = root / "directory/directory.db"
    create(path, group="postfix")
    directory = Directory(path)
    directory.connection()
    primary = Primary(rig.free_port())
    transports = (
        f"inline:{{backup.test=relay:[127.0.0.1]:{primary.port}, gone.test=relay:no-such-host.invalid,"
        " self.test=relay:[127.0.0.1]}"  # port 25: as an MX that is this server itself
    )
    port = rig.free_port()
    with rig.mail_server(root, path, port, transports) as config:
        yield Server(directory, config, port, primary)
    directory.close()
    rig.clear(root)


def test_with_the_primary_there_mail_arrives_and_unknown_addresses_are_refused_at_once(
    server: Server,
) -> None:
    server.route("backup.test", "backup")
    with server.primary.there():
        assert server.rcpt("ana@backup.test", "one")[0] == 250
        rig.until(lambda: "ana@backup.test" in server.primary.got)
        code, text = server.rcpt("ben@backup.test")
        assert code == 550
        assert "no such person at the primary" in text


def test_with_the_primary_away_mail_waits_with_the_reason_and_arrives_later(server: Server) -> None:
    server.route("backup.test", "backup")
    assert server.rcpt("ana.away@backup.test", "two")[0] == 250
    rig.until(lambda: "refused" in server.waiting().get("ana.away@backup.test", ""))
    with server.primary.there():
        rig.until(lambda: "ana.away@backup.test" in server.primary.got)
    rig.until(lambda: "ana.away@backup.test" not in server.waiting())


def test_a_primary_whose_name_is_not_found_is_waited_for(server: Server) -> None:
    server.route("gone.test", "backup")
    assert server.rcpt("ana@gone.test", "three")[0] == 250
    rig.until(lambda: "not found" in server.waiting().get("ana@gone.test", ""))


def test_a_server_that_knows_an_address_in_one_routing_forgets_it_with_the_next(server: Server) -> None:
    """The same smtpd processes answer, and remember nothing of before."""
    address = "ana.changes@backup.test"
    with server.primary.there():
        for routing, code in [
            ("local", 550),
            ("remote", 554),
            ("backup", 250),
            ("off", 556),
            ("local", 550),
            ("backup", 250),
        ]:
            server.route("backup.test", routing)
            assert [server.rcpt(address)[0] for _ in range(3)] == [code] * 3, routing


def test_mail_for_a_domain_that_moved_away_lately_is_put_off_and_later_refused(server: Server) -> None:
    for receive, code in [(False, 450), (True, 554), (False, 450)]:
        server.route("backup.test", "remote", receive=receive)
        assert [server.rcpt("ana@backup.test")[0] for _ in range(3)] == [code] * 3
    assert "look up its MX again" in server.rcpt("ana@backup.test")[1]
    assert server.rcpt("ana@sub.backup.test")[0] == 554


def test_a_backup_that_the_mx_name_first_waits_and_bounces_nothing(server: Server) -> None:
    """The MX were turned round, and nobody has told the node yet (best_mx_transport)."""
    server.route("self.test", "backup")
    assert server.rcpt("ana@self.test", "four")[0] == 250
    rig.until(lambda: "name this server first" in server.waiting().get("ana@self.test", ""))


@pytest.mark.parametrize(
    "recipient",
    [
        "ana@sub.backup.test",
        "ana@elsewhere.test",
        "ana@[127.0.0.1]",
        "ana%elsewhere.test@backup.test",
        "elsewhere.test!ana@backup.test",
        '"ana@elsewhere.test"@backup.test',
        "@elsewhere.test:ana@elsewhere.test",
    ],
)
def test_it_relays_for_nobody_else(server: Server, recipient: str) -> None:
    server.route("backup.test", "backup")
    assert server.rcpt(recipient)[0] in {501, 550, 554}


def test_local_people_are_known_with_and_without_a_tag(server: Server) -> None:
    server.route("local.test", "local")
    with server.directory.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO mailboxes(address, password, home, quota_mb)"
            " VALUES ('ana@local.test', '{PLAIN}x', 'local.test/ana-1', 10)"
        )
    known, others = ("ana", "ANA", "ana+x", "ana+x+y"), ("anax", "+ana", "x+ana")
    assert [server.rcpt(f"{one}@local.test")[0] for one in known] == [250] * len(known)
    assert [server.rcpt(f"{one}@local.test")[0] for one in others] == [550] * len(others)
    code, text = server.rcpt("nobody@local.test")
    assert (code, text.split()[0]) == (550, "5.1.1")
    assert "User unknown" in text
