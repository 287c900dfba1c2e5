"""The node's environment and its commands."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nodeagent.config import ConfigError, load
from nodeagent.node import prepare

ROOT = Path(__file__).resolve().parents[2]
DNS_NODE = {
    "NODE_NAME": "ns2",
    "NODE_ROLES": "dns",
    "PDNS_URL": "http://127.0.0.1:8081/api/v1/servers/localhost",
    "PDNS_API_KEY_FILE": "/key",
    "DNS_SERVER": "[::1]:53",
    "AGENT_BROKER_URL": "redis://127.0.0.1/0",
    "SIGNING_KEY_FILE": "/signing.key",
}


def agent(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nodeagent", *argv],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_dns_node_needs_no_mail_and_has_a_ledger_of_its_own(tmp_path: Path) -> None:
    config = load(DNS_NODE | {"LEDGER_DB": str(tmp_path / "ledger/ledger.db")})
    assert config.mail is None
    assert config.dns is not None
    assert (config.dns.server.host, config.dns.server.port) == ("::1", 53)
    prepare(config)
    assert config.directory.exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"LEDGER_DB": ""}, "LEDGER_DB"),
        ({"LEDGER_DB": "relative.db"}, "LEDGER_DB"),
        ({"NODE_ROLES": "dns,coffee"}, "NODE_ROLES"),
        ({"NODE_ROLES": "mail,dns"}, "DIRECTORY_DB"),
        ({"DNS_SERVER": "53"}, "DNS_SERVER"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load(DNS_NODE | {"LEDGER_DB": "/ledger.db"} | change)


def test_keygen_makes_one_key_and_prints_its_public_half(tmp_path: Path) -> None:
    file = tmp_path / "deep/signing.key"
    first, second = agent("keygen", str(file)), agent("keygen", str(file))
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert len(base64.b64decode(first.stdout)) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_wrong_use_is_told_on_stderr() -> None:
    assert agent().returncode == 64
    assert agent("keygen").returncode == 64
    done = agent("init", **(DNS_NODE | {"LEDGER_DB": ""}))
    assert done.returncode == 78
    assert done.stderr == "nodeagent: LEDGER_DB is not set in the node's environment\n"
