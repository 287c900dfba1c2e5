"""What a node says when it joins, and what it makes of the panel's answers."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nodeagent import joining
from nodeagent.config import ConfigError
from nodeagent.contract import CONTRACT, Joining

SAID: Joining = {
    "contract": CONTRACT,
    "node": "mail7",
    "public_key": "p",
    "sealing_key": "s",
    "ingest_token_hash": "i",
    "broker_hash": "b",
}


class Panel(http.server.ThreadingHTTPServer):
    """Answers with ``answers`` in turn, the last one for ever; ``heard``: path, token, body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, str]] = [(200, "{}")]
        self.heard: list[tuple[str, str, Any]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A handshake that the node broke off is what a test wants."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Panel

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, self.headers["Authorization"], json.loads(body)))
        answers = self.server.answers
        status, text = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: Any) -> None:
        """Nothing: it would stand in the tests' output."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """Of 127.0.0.1, signed by itself: certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir()
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


@pytest.fixture
def panel() -> Iterator[Panel]:
    with Serving(lambda panel: None) as started:
        yield started


class Serving:
    def __init__(self, change: Callable[[Panel], None]) -> None:
        self.panel = Panel()
        change(self.panel)
        self.thread = threading.Thread(target=self.panel.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Panel:
        self.thread.start()
        return self.panel

    def __exit__(self, *error: object) -> None:
        self.panel.shutdown()
        self.thread.join()
        self.panel.server_close()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "ingest").write_text("ingest secret\n")
    (tmp_path / "token").write_text("join secret\n")
    return {
        "NODE_NAME": "mail7",
        "SIGNING_KEY_FILE": str(tmp_path / "keys" / "signing"),
        "SEALING_KEY_FILE": str(tmp_path / "keys" / "sealing"),
        "INGEST_TOKEN_FILE": str(tmp_path / "ingest"),
        "JOIN_TOKEN_FILE": str(tmp_path / "token"),
        "AGENT_BROKER_URL": "redis://mail7:a%2Fb%40c@127.0.0.1:6379/0",
    }


def url(panel: Panel, scheme: str = "http", host: str = "127.0.0.1") -> str:
    return f"{scheme}://{host}:{panel.port}/nodes/v1/join"


def test_tells_digests_and_public_halves_and_the_same_each_time(environment: dict[str, str]) -> None:
    said = joining.joining(environment)
    assert said["node"] == "mail7"
    assert len(base64.b64decode(said["public_key"])) == len(base64.b64decode(said["sealing_key"])) == 32
    assert said["ingest_token_hash"] == hashlib.sha256(b"ingest secret").hexdigest()
    assert said["broker_hash"] == hashlib.sha256(b"a/b@c").hexdigest()
    assert joining.joining(environment) == said
    for private in ("SIGNING_KEY_FILE", "SEALING_KEY_FILE"):
        path = Path(environment[private])
        assert path.stat().st_mode & 0o077 == 0
        assert path.read_text().strip() not in json.dumps(said)


@pytest.mark.parametrize("name", ["NODE_NAME", "SIGNING_KEY_FILE", "SEALING_KEY_FILE", "AGENT_BROKER_URL"])
def test_what_is_not_set_is_named(environment: dict[str, str], name: str) -> None:
    del environment[name]
    with pytest.raises(ConfigError, match=name):
        joining.joining(environment)


def test_tells_it_with_its_token(panel: Panel) -> None:
    joining.tell(url(panel), "join secret", SAID, None)
    assert panel.heard == [("/nodes/v1/join", "Bearer join secret", SAID)]


@pytest.mark.parametrize("status", [404, 403, 301, 204, 500, 502, 503])
def test_is_tried_again_after(panel: Panel, status: int) -> None:
    panel.answers = [(status, "")]
    with pytest.raises(OSError, match=str(status)):
        joining.tell(url(panel), "t", SAID, None)


def test_a_400_says_why(panel: Panel) -> None:
    panel.answers = [(400, '{"error": "A key is 32 bytes in base64."}')]
    with pytest.raises(joining.RefusedError, match="32 bytes"):
        joining.tell(url(panel), "t", SAID, None)


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        joining.tell(f"http://127.0.0.1:{port}/nodes/v1/join", "t", SAID, None)


def test_the_token_goes_only_to_whom_the_ca_vouches_for(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path / "right")
    wrong, _ = certificate(tmp_path / "wrong")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def secure(panel: Panel) -> None:
        panel.socket = context.wrap_socket(panel.socket, server_side=True)

    with Serving(secure) as panel:
        for ca, host in ((wrong, "localhost"), (None, "localhost"), (cert, "127.0.0.1")):
            with pytest.raises(ssl.SSLCertVerificationError):
                joining.tell(url(panel, "https", host), "t", SAID, str(ca) if ca else None)
        assert panel.heard == []
        joining.tell(url(panel, "https", "localhost"), "t", SAID, str(cert))
        assert len(panel.heard) == 1


def test_goes_on_until_the_panel_has_it(
    panel: Panel, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.answers = [(503, ""), (404, ""), (400, "no key"), (200, "{}")]
    pauses: list[float] = []
    monkeypatch.setattr("nodeagent.joining.time.sleep", pauses.append)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JOIN_URL", url(panel))
    monkeypatch.delenv("INGEST_CA_FILE", raising=False)
    assert joining.main() == 0
    assert pauses == [1.0, 1.5, 2.25]
    assert len({json.dumps(body) for _, _, body in panel.heard}) == 1
    assert {token for _, token, _ in panel.heard} == {"Bearer join secret"}
