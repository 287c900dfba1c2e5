"""The entry points of the images: what they are told, what each role is given, what its image holds."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from deploy.container import place, setup
from deploy.container.place import Member
from deploy.stack import credentials, files
from deploy.stack.layout import CODE, Failure

ROLES = ("panel", "postgres", "redis", "caddy", "mail1", "ns1", "ns2")
NODES = "mail1,mail,192.0.2.11,gold ns1,dns,192.0.2.53 ns2,secondary,2001:db8::54"


def test_nodes_are_read() -> None:
    assert place.members(NODES) == [
        Member(name="mail1", role="mail", address="192.0.2.11", inside="192.0.2.11", pool="gold"),
        Member(name="ns1", role="dns", address="192.0.2.53", inside="192.0.2.53"),
        Member(name="ns2", role="secondary", address="2001:db8::54", inside="2001:db8::54"),
    ]


def test_the_address_that_the_world_knows_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL1_ADDRESS", "203.0.113.5")
    found = place.members("mail1,mail,10.0.0.1,")[0]
    assert (found.address, found.inside) == ("203.0.113.5", "10.0.0.1")


@pytest.mark.parametrize(
    "wrong",
    ["mail1", "mail1,mail", "mail1,web,192.0.2.1", "Mail1,mail,192.0.2.1", "../x,mail,192.0.2.1", "a,mail,b",
     "mail1,mail,192.0.2.1 mail1,mail,192.0.2.2", "mail1,mail,192.0.2.1,a,b"],
)  # fmt: skip
def test_what_is_no_node_is_refused(wrong: str) -> None:
    with pytest.raises(Failure, match="NODES"):
        place.members(wrong)


@given(st.text(max_size=40))
def test_no_text_becomes_a_node_with_a_hostile_name(text: str) -> None:
    try:
        found = place.members(text)
    except Failure:
        return
    assert all(re.fullmatch(r"[a-z0-9-]+", member.name) for member in found)


@pytest.fixture
def given_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the volumes of all roles are, after a start of ``setup``."""
    for role in ROLES:
        (tmp_path / "secrets" / role).mkdir(parents=True)
    monkeypatch.setattr(place, "SECRETS", tmp_path / "secrets")
    monkeypatch.setattr(setup, "AUTHORITY", tmp_path / "authority")
    monkeypatch.setenv("NODES", NODES)
    monkeypatch.setattr(files, "uid", lambda user: 0)  # the users of the images
    monkeypatch.setattr(files, "gid", lambda group: 0)
    setup.run()
    return tmp_path / "secrets"


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}


def test_each_role_is_given_its_own_and_no_more(given_out: Path) -> None:
    assert {role: sorted(_texts(given_out / role)) for role in ROLES} == {
        "panel": ["ca.pem", "database", "metrics", "nodes.json", "panel_mail", "profiles.key", "profiles.pem",
                  "redis", "secret_key"],
        "postgres": ["database", "postgres"],
        "redis": ["redis"],
        "caddy": ["ca.pem", "issuing.key", "issuing.pem", "server.key", "server.pem"],
        "mail1": ["ca.pem", "join_token", "panel_mail_sha256", "server.key", "server.pem"],
        "ns1": ["ca.pem", "join_token", "server.key", "server.pem", "transfer"],
        "ns2": ["ca.pem", "server.key", "server.pem", "transfer"],
    }  # fmt: skip
    panel_mail = credentials.read(given_out / "panel")["panel_mail"]
    assert panel_mail not in " ".join(_texts(given_out / "mail1").values())


def test_nobody_else_reads_a_key_or_a_secret(given_out: Path) -> None:
    for path in given_out.rglob("*"):
        if path.is_file() and path.suffix != ".pem":
            assert not path.stat().st_mode & 0o037, path


def test_a_second_start_changes_nothing(given_out: Path) -> None:
    before = {role: _texts(given_out / role) for role in ROLES}
    setup.run()
    assert {role: _texts(given_out / role) for role in ROLES} == before


def test_the_panel_invites_with_digests_alone(given_out: Path) -> None:
    invitations = json.loads((given_out / "panel" / "nodes.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in invitations] == ["mail1", "ns1", "ns2"]
    token = credentials.read(given_out / "mail1")["join_token"]
    assert invitations[0]["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in (given_out / "panel" / "nodes.json").read_text(encoding="utf-8")
    assert invitations[0]["pool"] == "gold"


def test_a_node_has_a_certificate_of_its_name_by_our_authority(given_out: Path) -> None:
    authority = x509.load_pem_x509_certificate((given_out / "mail1" / "ca.pem").read_bytes())
    certificate = x509.load_pem_x509_certificate((given_out / "mail1" / "server.pem").read_bytes())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "mail1.postroom.test" in names.get_values_for_type(x509.DNSName)


def test_a_node_without_a_volume_is_named(given_out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRA_NODES", "mail9,mail,192.0.2.19,")
    with pytest.raises(Failure, match="mail9 has no volume"):
        setup.run()


def test_images_hold_what_bin_up_installs() -> None:
    dockerfile = (CODE / "deploy" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found: set[str] = set()
    for line in re.findall(r"--no-install-recommends ([^&]*)", dockerfile):
        found |= set(line.split())
    listed = (CODE / "deploy" / "packages.txt").read_text(encoding="utf-8").partition("\ntest:\n")[0]
    wanted = {line for line in listed.splitlines() if line and not line.startswith("#")}
    assert found == wanted


def test_a_node_more_is_written_once(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    for name in ("docker-compose.yml", "deploy/add-node"):
        (tmp_path / name).write_bytes((CODE / name).read_bytes())
    (tmp_path / ".env").write_text("DEMO=no\n", encoding="ascii")

    def add(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["sh", str(tmp_path / "deploy" / "add-node"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert add("mail3", "10.203.25.13", "gold").returncode == 0
    assert add("mail4", "10.203.25.14").returncode == 0
    for wrong in (
        ("mail3", "10.203.25.15"),
        ("mail1", "10.203.25.15"),
        ("a b", "1.2.3.4"),
        ("x", "$(id)"),
        ("x",),
    ):
        assert add(*wrong).returncode == 64
    lines = (tmp_path / ".env").read_text(encoding="ascii").splitlines()
    assert lines == ["DEMO=no", 'EXTRA_NODES="mail3,mail,10.203.25.13,gold mail4,mail,10.203.25.14,"']
    text = (tmp_path / "docker-compose.override.yml").read_text(encoding="ascii")
    assert [line for line in text.splitlines() if re.fullmatch(r"  [a-z0-9-]+:", line)] == [
        "  setup:", "  mail3:", "  mail4:",
        "  mail3:", "  mail3-mail:", "  secrets-mail3:", "  mail4:", "  mail4-mail:", "  secrets-mail4:",
    ]  # fmt: skip
