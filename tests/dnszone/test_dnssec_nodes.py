"""DNSSEC on the running stack: switched in the browser, validated from outside with the DS of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import dns.exception
import dns.rdatatype
import pytest

from tests.onstack import House, run_manage
from tests.validating import Validator

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]
SCRIPT = """
from datetime import timedelta
from django.utils import timezone
from dnszone.dnssec import services, status
from dnszone.models import SigningKey, SigningWatch, Zone
zone = Zone.objects.get(name={name!r})
"""


def shown(house: House) -> list[str]:
    """The DS records (SHA-256) on the page, the newest key's first."""
    text = house.browser.open(f"/domains/{house.domain}/zone/dnssec/").text
    return list(dict.fromkeys(re.findall(r"IN DS (\d+ 13 2 [0-9A-F]{64})", text)))


def press(house: House, action: str, **values: str) -> str:
    page = house.browser.open(f"/domains/{house.domain}/zone/dnssec/{'off/' if action == 'off' else ''}")
    return house.browser.submit(page, page.form(action=f"/dnssec/{action}/"), values).text


def run(house: House, script: str) -> str:
    return run_manage(house.stack, SCRIPT.format(name=house.domain) + script)


def validates(validator: Validator, owner: str, *ds: str) -> bool:
    try:
        validator.check(owner, "A", *ds)
    except (dns.exception.DNSException, AssertionError):
        return False
    return True


def test_a_zone_is_signed_rolled_and_unsigned(house: House, wait_for: Wait) -> None:
    domain = house.domain
    validator = Validator(house.stack.at("dns")[1], domain)
    press(house, "on")
    wait_for(lambda: len(shown(house)) == 1)
    (old,) = shown(house)
    validator.check(domain, "MX", old)
    validator.check(f"nobody.{domain}", "A", old)

    run(
        house,
        "from dnszone.services import Change, RecordSpec, zone_apply\n"
        "spec = RecordSpec(owner='a.new', type='A', rdata='192.0.2.77')\n"
        "zone_apply(actor=None, zone=zone, changes=[Change(spec=spec)])\n",
    )
    wait_for(lambda: validates(validator, f"a.new.{domain}", old))
    validator.check(f"new.{domain}", "A", old)

    press(house, "roll")
    wait_for(lambda: len(shown(house)) == 2)
    new, still = shown(house)
    assert still == old
    for anchors in ((old,), (new,), (old, new)):
        validator.check(f"a.new.{domain}", "A", *anchors)
        validator.check(f"nobody.{domain}", "A", *anchors)
    press(house, "finish")
    assert len(shown(house)) == 2

    run(
        house,
        "SigningWatch.objects.filter(zone=zone).update(complete_at=timezone.now() - timedelta(days=8))\n"
        f"services.ds_seen(zone=zone, found=[{new!r}], ttl=1, at=timezone.now())\n"
        "services.rollover_finish(actor=None, zone=zone)\n",
    )
    wait_for(lambda: not validates(validator, f"a.new.{domain}", old))
    validator.check(f"a.new.{domain}", "A", new)
    assert shown(house) == [new]

    assert "switch it off anyway" in press(house, "off")
    press(house, "off", anyway="1")
    wait_for(lambda: validator.answer(domain, "DNSKEY").answer == [])
    (soa,) = validator.answer(domain, "SOA").answer
    assert soa.rdtype == dns.rdatatype.SOA
