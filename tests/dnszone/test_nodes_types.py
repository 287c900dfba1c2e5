"""Every type of record, from the service to the authoritative server of the running stack, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import dns.message
import dns.query
import dns.rdata
import pytest

from bench.stack import Stack
from tests.dnszone.tables import CANONICAL
from tests.onstack import House, run_manage

pytestmark = pytest.mark.nodes

APPLY = """
import json
from dnszone import services
from dnszone.models import Zone
from dnszone.spec import Change, RecordSpec
wanted = json.loads({wanted!r})
changes = [Change(spec=RecordSpec(owner=o, type=t, rdata=r, ttl=60)) for o, t, r in wanted]
services.zone_apply(actor=None, zone=Zone.objects.get(name={domain!r}), changes=changes)
"""


def owner(kind: str, number: int) -> str:
    name = f"{kind.lower()}{number}"
    return f"_{name}._tcp" if kind == "SRV" else name


def ask(stack: Stack, name: str, kind: str) -> list[dns.rdata.Rdata]:
    host, port = stack.at("dns")
    query = dns.message.make_query(name, kind)
    answer = dns.query.udp_with_fallback(query, host, timeout=5, port=port)[0]
    section = answer.authority if kind == "NS" else answer.answer
    return [rdata for rrset in section if str(rrset.name) == f"{name}." for rdata in rrset]


def test_every_type_is_served_as_it_was_written(house: House, wait_for: Callable[..., Any]) -> None:
    stack, domain = house.stack, house.domain
    plain = {kind: texts for kind, texts in CANONICAL.items() if kind != "ALIAS"}
    wanted = [[owner(kind, n), kind, text] for kind, texts in plain.items() for n, text in enumerate(texts)]
    wanted += [[owner("DS", n), "NS", "a.b."] for n in range(len(CANONICAL["DS"]))]
    wanted += [["host", "A", "192.0.2.77"], ["alias", "ALIAS", f"host.{domain}."]]
    wanted += [["nowhere", "ALIAS", "nowhere.elsewhere.example."]]
    run_manage(stack, APPLY.format(wanted=json.dumps(wanted), domain=domain))
    wait_for(lambda: [str(one) for one in ask(stack, f"alias.{domain}", "A")] == ["192.0.2.77"])
    for kind, texts in plain.items():
        for number, text in enumerate(texts):
            found = ask(stack, f"{owner(kind, number)}.{domain}", kind)
            assert [one.to_wire() for one in found] == [dns.rdata.from_text("IN", kind, text).to_wire()], text
