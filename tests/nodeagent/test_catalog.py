"""How the secondaries are told: together, and never at the cost of the change itself."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from nodeagent.backends import powerdns_catalog
from nodeagent.backends.base import BackendError
from nodeagent.backends.powerdns_catalog import Catalog
from nodeagent.contract.dns import CATALOG
from tests.nodeagent.rig import until

PATH = f"/zones/{CATALOG}."


class Api:
    """What was asked of PowerDNS."""

    def __init__(self, kind: str = "Producer", status: int = 200) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.kind, self.status = kind, status
        self.broken = False

    def __call__(self, method: str, path: str, payload: Any = None) -> tuple[int, bytes]:
        self.asked.append((method, path, payload))
        if self.broken:
            raise BackendError("PowerDNS on this node does not answer.")
        if method == "GET":
            return self.status, json.dumps({"kind": self.kind}).encode()
        return (204 if method == "PATCH" else 200), b""

    def serials(self) -> list[int]:
        return [
            int(payload["rrsets"][0]["records"][0]["content"].split()[2])
            for method, path, payload in self.asked
            if (method, path) == ("PATCH", PATH)
        ]

    def told(self) -> list[str]:
        return [path for method, path, _payload in self.asked if path.endswith("/notify")]


@pytest.mark.parametrize(("kind", "status"), [("Native", 200), ("", 404)])
def test_without_a_catalog_nothing_is_told(kind: str, status: int) -> None:
    api = Api(kind, status)
    catalog = Catalog(api)
    catalog.changed("luna.test")
    catalog.other_members()
    assert catalog.wish() == {"kind": "Native"}
    assert catalog.member({"kind": "Native"})
    assert len(api.asked) == 1


def test_whether_there_is_one_is_asked_again_when_powerdns_was_away() -> None:
    api = Api(status=500)
    catalog = Catalog(api)
    with pytest.raises(BackendError):
        catalog.there()
    api.status = 200
    assert catalog.there()
    assert catalog.wish()["catalog"] == f"{CATALOG}."


def test_many_new_zones_are_told_of_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(powerdns_catalog, "PAUSE_SECONDS", 0.2)
    api = Api()
    catalog = Catalog(api)
    catalog.there()
    crowd = [threading.Thread(target=catalog.other_members) for _number in range(50)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    until(lambda: len(api.told()) == 2, 5)
    assert catalog._timer is None
    first, second = api.serials()
    assert int(time.time()) - 5 < first < second


def test_that_nobody_could_be_told_is_no_failure_of_the_change() -> None:
    api = Api()
    catalog = Catalog(api)
    catalog.there()
    api.broken = True
    catalog.changed("luna.test")
    catalog.other_members()
    assert api.asked[-1][0] == "PATCH"


@pytest.mark.parametrize(
    "found",
    [
        {"kind": "Native", "catalog": ""},
        {"kind": "Master", "catalog": ""},
        {"kind": "Slave", "catalog": f"{CATALOG}."},
    ],
)
def test_a_zone_that_is_not_handed_on_is_known(found: dict[str, str]) -> None:
    catalog = Catalog(Api())
    assert not catalog.member(found)
    assert catalog.member({"kind": "Master", "catalog": f"{CATALOG}."})
