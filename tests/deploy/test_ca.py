"""The local CA: its certificates are accepted by a real TLS client, kept while good, renewed in time."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509

from deploy.stack import ca

NAMES = ["localhost", "127.0.0.1", "mail1.postroom.test"]
FILES = (
    "ca.pem",
    "ca.key",
    "server.pem",
    "server.key",
    "issuing.pem",
    "issuing.key",
    "profiles.pem",
    "profiles.key",
)


def settle(folder: Path, **more: object) -> dict[str, bytes]:
    ca.settle(folder, names=NAMES, key_group="root", **more)  # type: ignore[arg-type]  # only ``now`` is ever passed
    return {name: (folder / name).read_bytes() for name in FILES}


def shake_hands(folder: Path, name: str) -> None:
    """One TLS handshake over a socket pair. Raises ssl.SSLError when the client refuses the certificate."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(folder / "server.pem", folder / "server.key")
    client_context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            server_context.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        with client_context.wrap_socket(ours, server_hostname=name):
            pass
    finally:
        ours.close()
        server.join()


@pytest.mark.parametrize("name", NAMES)
def test_a_strict_client_accepts_every_name(tmp_path: Path, name: str) -> None:
    settle(tmp_path)
    shake_hands(tmp_path, name)


def test_another_name_is_refused(tmp_path: Path) -> None:
    settle(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tmp_path, "evil.test")


def test_good_ones_are_kept_and_keys_are_private(tmp_path: Path) -> None:
    first = settle(tmp_path)
    assert settle(tmp_path) == first
    assert (tmp_path / "ca.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "server.key").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "issuing.key").stat().st_mode & 0o777 == 0o640


def test_names_that_the_provider_added_are_taken_and_junk_is_not(tmp_path: Path) -> None:
    assert ca.added_names(tmp_path) == []
    (tmp_path / "names").write_text("Mail.Luna.test\nmail.sol.test mail.sol.test\n*.evil.test\na/b\n")
    assert ca.added_names(tmp_path) == ["mail.luna.test", "mail.sol.test"]


def test_what_caddy_signs_with_is_vouched_for_and_vouches_for_no_authority(tmp_path: Path) -> None:
    settle(tmp_path)
    root, issuing = (
        x509.load_pem_x509_certificate((tmp_path / name).read_bytes()) for name in ("ca.pem", "issuing.pem")
    )
    issuing.verify_directly_issued_by(root)
    assert issuing.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


def test_renewed_before_it_ends_under_the_same_ca(tmp_path: Path) -> None:
    first = settle(tmp_path)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=ca.SERVER_DAYS - ca.RENEW_DAYS + 1)
    second = settle(tmp_path, now=later)
    assert second["ca.pem"] == first["ca.pem"]
    assert second["server.pem"] != first["server.pem"]
    assert x509.load_pem_x509_certificate(second["server.pem"]).not_valid_after_utc > later + dt.timedelta(
        days=300
    )


def test_a_new_name_makes_a_new_certificate(tmp_path: Path) -> None:
    first = settle(tmp_path)
    ca.settle(tmp_path, names=[*NAMES, "new.test"], key_group="root")
    assert (tmp_path / "server.pem").read_bytes() != first["server.pem"]
    shake_hands(tmp_path, "new.test")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_damaged_file_is_mended(tmp_path: Path, name: str, damage: str) -> None:
    settle(tmp_path)
    path = tmp_path / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:40])
    settle(tmp_path)
    shake_hands(tmp_path, "localhost")
