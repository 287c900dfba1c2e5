"""The live state of the MX targets, for the table of the Zone Editor."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from dnszone import reach, services
from dnszone.models import Zone
from dnszone.reach import HostState
from tests.fakedns import FakeDns
from tests.panel.switching.house import text_of, url

pytestmark = pytest.mark.django_db


def test_the_states_of_the_mx(web: Client, zone: Zone, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    record = zone.records.get(type="MX")
    spec = services.RecordSpec(owner="@", type="MX", rdata="20 mx2.else.test.")
    draft = services.draft_change(actor=alice, zone=zone, changes=[services.Change(spec=spec)])
    asked: list[str] = []

    def look(hosts: list[str], until: float, **more: Any) -> dict[str, HostState]:
        asked.extend(hosts)
        fine = HostState(host="mail1.postroom.test", v4=("192.0.2.25",), answers=reach.YES, starttls=True)
        dark = HostState(host="mx2.else.test", why='<b onclick="x">')
        return {state.host: state for state in (fine, dark)}

    monkeypatch.setattr(reach, "look", look)
    page = web.get(url("zone-mx-states")).content.decode()
    assert asked == ["mail1.postroom.test.", "mx2.else.test."]
    assert f'<div id="mx-state-{record.pk}" class="mx-state" hx-swap-oob="true">' in page
    assert f'id="mx-state-d{draft.items[0]["id"]}"' in page
    assert "Has A; answers on port 25" in page
    assert "Has no address: mail cannot reach it" in page
    assert "<b onclick" not in page


def test_a_null_mx_has_no_host_to_look_at(web: Client, zone: Zone) -> None:
    zone.records.filter(type="MX").update(rdata="0 .")
    assert "Takes no mail" in text_of(web.get(url("zone-mx-states")))


def test_an_address_in_the_draft_counts(web: Client, zone: Zone, alice: User, world: FakeDns) -> None:
    specs = [
        services.RecordSpec(owner="mx5", type="A", rdata="10.0.0.5"),
        services.RecordSpec(owner="@", type="MX", rdata="5 mx5.example.test."),
    ]
    services.draft_change(actor=alice, zone=zone, changes=[services.Change(spec=spec) for spec in specs])
    assert "Has A; not asked on port 25" in text_of(web.get(url("zone-mx-states")))
    services.draft_discard(actor=alice, zone=zone)
    world.records["mail1.postroom.test", "A"] = []
    assert "Has A" not in text_of(web.get(url("zone-mx-states")))
