"""Signed zones on a real PowerDNS: what a validator with the DS as its trust anchor makes of every answer."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import dns.exception
import dns.rdatatype
import pytest

from nodeagent.contract import Outcome, RRset, Zone
from nodeagent.node import Node, manifest_pages
from tests.nodeagent.conftest import Place, absent, wanted
from tests.nodeagent.test_dns import mx, zone
from tests.validating import Validator

Apply = Callable[..., dict[str, Outcome]]
OTHER = "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="


def signed(name: str, serial: int, *generations: int, more: tuple[RRset, ...] = (), **other: Any) -> Zone:
    return dataclasses.replace(zone(name, serial, *more), signing=list(generations), **other)


def ds_of(outcome: Outcome, generation: int) -> list[str]:
    assert outcome["ok"], outcome
    found: list[str] = outcome["facts"]["keys"][str(generation)]["ds"]
    return found


@pytest.fixture
def validator(place: Place, domain: str) -> Validator:
    return Validator(place.ports["dns"], domain)


def test_a_signed_zone_validates_and_so_does_what_is_not_there(
    apply: Apply, validator: Validator, domain: str
) -> None:
    apply(wanted(zone(domain, 1, mx(domain, f"10 mail.{domain}."))))
    state = signed(domain, 2, 1, more=(mx(domain, f"10 mail.{domain}."),))
    outcome = apply(wanted(state, 2))[state.key]
    ds = ds_of(outcome, 1)
    assert [text.split()[1:3] for text in ds] == [["13", "2"], ["13", "4"]]
    assert outcome["facts"]["keys"]["1"]["tag"] == int(ds[0].split()[0])
    for one in ds:
        validator.check(domain, "MX", one)
        validator.check(f"ns1.{domain}", "A", one)
        validator.check(f"nobody.{domain}", "A", one)
        validator.check(f"ns1.{domain}", "TXT", one)
    with pytest.raises(dns.exception.ValidationFailure):
        validator.keys("1 13 2 " + "00" * 32)


def test_a_changed_zone_stays_signed_by_the_same_key(apply: Apply, validator: Validator, domain: str) -> None:
    state = signed(domain, 1, 1)
    ds = ds_of(apply(wanted(state))[state.key], 1)
    deep = RRset(name=f"a.b.c.{domain}.", type="A", ttl=60, records=["192.0.2.7"])
    changed = signed(domain, 2, 1, more=(mx(domain, f"5 mx.{domain}."), deep))
    assert ds_of(apply(wanted(changed, 2))[state.key], 1) == ds
    validator.check(domain, "MX", ds[0])
    validator.check(f"a.b.c.{domain}", "A", ds[0])
    validator.check(f"b.c.{domain}", "A", ds[0])


def test_two_generations_sign_together_until_one_goes(
    apply: Apply, validator: Validator, domain: str
) -> None:
    first = ds_of(apply(wanted(signed(domain, 1, 1)))[f"zone/{domain}"], 1)
    both = apply(wanted(signed(domain, 1, 1, 2), 2))[f"zone/{domain}"]
    second = ds_of(both, 2)
    assert ds_of(both, 1) == first != second
    for anchors in (first, second, first + second):
        validator.check(f"ns1.{domain}", "A", *anchors)
        validator.check(f"x.{domain}", "A", *anchors)
    after = apply(wanted(signed(domain, 1, 2), 3))[f"zone/{domain}"]
    assert ds_of(after, 2) == second
    assert set(after["facts"]["keys"]) == {"2"}
    validator.check(f"ns1.{domain}", "A", *second)
    with pytest.raises(dns.exception.ValidationFailure):
        validator.keys(*first)


def test_switched_off_it_answers_plainly(apply: Apply, validator: Validator, domain: str) -> None:
    apply(wanted(signed(domain, 1, 1)))
    outcome = apply(wanted(zone(domain, 1), 2))[f"zone/{domain}"]
    assert outcome["ok"], outcome
    assert outcome["facts"] == {"serial": 1}
    assert validator.answer(domain, "DNSKEY").answer == []
    kinds = {rrset.rdtype for rrset in validator.answer(domain, "SOA").answer}
    assert kinds == {dns.rdatatype.SOA}


def test_a_zone_made_anew_gets_new_keys(apply: Apply, domain: str) -> None:
    state = signed(domain, 1, 1)
    first = ds_of(apply(wanted(state))[state.key], 1)
    apply(absent(state, 2))
    assert ds_of(apply(wanted(state, 3))[state.key], 1) != first


def revision(node: Node, key: str) -> int:
    return {k: rev for page in manifest_pages(node.engine) for k, rev, _present in page["entries"]}[key]


@pytest.mark.parametrize("what", ["off", "inactive", "another", "nsec3"])
def test_what_a_hand_changes_is_noticed_and_repaired(
    apply: Apply, node: Node, validator: Validator, domain: str, what: str
) -> None:
    state = signed(domain, 1, 1)
    ds = ds_of(apply(wanted(state))[state.key], 1)
    call: Any = node.engine.effects["zone"]._call  # type: ignore[attr-defined]
    keys = f"/zones/{domain}./cryptokeys"
    if what == "off":
        call("PUT", f"/zones/{domain}.", {"dnssec": False})
    elif what == "inactive":
        (key,) = json.loads(call("GET", keys)[1])
        call("PUT", f"{keys}/{key['id']}", {"active": False, "published": True})
    elif what == "another":
        call("POST", keys, {"keytype": "csk", "active": True, "algorithm": "ECDSAP256SHA256"})
        call("PUT", f"/zones/{domain}./metadata/X-POSTROOM-KEYS", {"metadata": []})
    else:
        call("PUT", f"/zones/{domain}.", {"nsec3param": "1 0 5 ab"})
    assert revision(node, state.key) == (1 if what == "nsec3" else 0)
    again = apply(wanted(state, 2 if what == "nsec3" else 1))[state.key]
    now = ds_of(again, 1)
    # A deactivated key was not lost, a deleted one is.
    assert (now == ds) is (what in {"inactive", "nsec3"})
    validator.check(f"nobody.{domain}", "A", *now)
    assert revision(node, state.key) > 0


def test_keys_of_other_name_servers_stand_beside_ours(
    apply: Apply, validator: Validator, domain: str
) -> None:
    own = apply(wanted(signed(domain, 1, 1)))[f"zone/{domain}"]
    dnskey = own["facts"]["keys"]["1"]["dnskey"]
    state = signed(domain, 1, 1, dnskeys=[dnskey, OTHER])
    outcome = apply(wanted(state, 2))[state.key]
    assert outcome["facts"] == own["facts"]
    assert len(validator.keys(*ds_of(outcome, 1))) == 2
    changed = signed(domain, 2, 1, more=(mx(domain, f"5 mx.{domain}."),), dnskeys=[dnskey, OTHER])
    assert apply(wanted(changed, 3))[state.key]["ok"]
    assert len(validator.keys(*ds_of(outcome, 1))) == 2
    assert apply(wanted(signed(domain, 2, 1), 4))[state.key]["ok"]
    assert len(validator.keys(*ds_of(outcome, 1))) == 1
    plain = apply(wanted(zone(domain, 2), 5))[state.key]
    assert plain["ok"], plain


@pytest.mark.parametrize(
    "wrong",
    [
        {"signing": [0]},
        {"signing": [1, 1]},
        {"signing": ["1"]},
        {"signing": [True]},
        {"signing": list(range(1, 70))},
        {"dnskeys": ["256 3 13 AAAA"]},
        {"dnskeys": [f"{OTHER} x"]},
        {"dnskeys": [7]},
    ],
)
def test_what_cannot_be_wanted_is_refused(apply: Apply, domain: str, wrong: dict[str, Any]) -> None:
    state = dataclasses.replace(zone(domain, 1), **wrong)
    outcome = apply(wanted(state))[state.key]
    assert not outcome["ok"]
    assert outcome["permanent"]
