"""A zone of the running stack, handed out by its own name server (it allows that on loopback alone)."""

from __future__ import annotations

from typing import Any

import pytest

from dnszone.zonefile import transfer
from dnszone.zonefile.reader import read

pytestmark = pytest.mark.nodes


def test_a_real_server_hands_out_its_zone(stack: dict[str, Any]) -> None:
    server = stack["dns"]
    text = transfer.fetched("postroom.test", server["host"], allow=lambda _at: None, port=server["port"])
    reading = read(text, "postroom.test")
    assert reading.problems == []
    assert reading.heard.soa
    assert ("ns1", "A") in {row.rrset for row in reading.rows}
