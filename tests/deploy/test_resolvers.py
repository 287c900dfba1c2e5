"""Whom the helper for ALIAS records asks."""

from __future__ import annotations

from pathlib import Path

from deploy.stack.services.powerdns import system_resolvers


def test_the_machines_own_resolvers_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text(
        "# here\nsearch example.test\nnameserver 192.0.2.53\nnameserver\nnameserver 2001:db8::53\n"
    )
    assert system_resolvers(file) == ["192.0.2.53", "[2001:db8::53]:53"]
    assert system_resolvers(tmp_path / "none") == []
