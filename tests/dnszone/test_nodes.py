"""The Zone Editor of the running stack: what is saved in the browser, the authoritative server answers."""

from __future__ import annotations

import http.cookiejar
import re
import secrets
import ssl
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import dns.message
import dns.query
import dns.rcode
import pytest

pytestmark = pytest.mark.nodes


class Visitor:
    """A browser without script: keeps cookies, sends forms back with what was in them."""

    def __init__(self, panel: str, tls: ssl.SSLContext) -> None:
        self.panel = panel
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls), cookies)

    def get(self, path: str) -> str:
        with self.opener.open(self.panel + path, timeout=20) as answer:
            text: str = answer.read().decode()
            return text

    def submit(self, path: str, *, shown_at: str = "", **fields: str) -> str:
        page = self.get(shown_at or path)
        hidden = dict(
            re.findall(r'name="(csrfmiddlewaretoken|base_serial|rev|serial)" value="([^"]*)"', page)
        )
        request = urllib.request.Request(  # noqa: S310 - https, from endpoints.json
            self.panel + path,
            urllib.parse.urlencode(hidden | fields).encode(),
            headers={"Referer": self.panel + path},
        )
        with self.opener.open(request, timeout=20) as answer:
            text: str = answer.read().decode()
            return text


@pytest.fixture
def customer(stack: dict[str, Any], tls: ssl.SSLContext) -> Visitor:
    sign_in = next(one for one in stack["sign_ins"] if one["role"] == "customer")
    visitor = Visitor(stack["panel"], tls)
    visitor.submit("/accounts/login/", login=sign_in["login"], password=sign_in["password"])
    return visitor


@pytest.fixture
def ask(stack: dict[str, Any]) -> Callable[[str, str], list[str]]:
    """What the authoritative server says over UDP."""

    def query(name: str, kind: str) -> list[str]:
        message = dns.message.make_query(name, kind)
        answer = dns.query.udp(message, stack["dns"]["host"], port=stack["dns"]["port"], timeout=5)
        return [rdata.to_text() for rrset in answer.answer for rdata in rrset]

    return query


def test_a_record_added_edited_and_deleted_is_answered_so(
    stack: dict[str, Any],
    customer: Visitor,
    ask: Callable[[str, str], list[str]],
    wait_for: Callable[..., Any],
) -> None:
    domain = stack["mailboxes"][0]["address"].partition("@")[2]
    owner = f"t{secrets.token_hex(4)}"
    page = f"/domains/{domain}/zone/"
    serial = int(ask(domain, "SOA")[0].split()[2])

    customer.submit(f"{page}add/?type=MX", owner=owner, priority="10", target="mail", ttl="300")
    customer.submit(f"{page}preview/")
    wait_for(lambda: ask(f"{owner}.{domain}", "MX") == [f"10 mail.{domain}."])
    assert int(ask(domain, "SOA")[0].split()[2]) > serial

    key = re.findall(r'type="checkbox"\s+name="record"\s+value="(\d+)"', customer.get(f"{page}?q={owner}"))[0]
    customer.submit(f"{page}{key}/", owner=owner, priority="20", target="mail", ttl="300")
    customer.submit(f"{page}preview/")
    wait_for(lambda: ask(f"{owner}.{domain}", "MX") == [f"20 mail.{domain}."])

    customer.submit(f"{page}delete/", shown_at=page, record=key)
    customer.submit(f"{page}preview/")
    wait_for(lambda: ask(f"{owner}.{domain}", "MX") == [])
    wait_for(lambda: "Live" in customer.get(page))
