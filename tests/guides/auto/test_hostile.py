"""Bodies and addresses that nobody with good intentions sends: 400, quickly, and nothing comes back."""

from __future__ import annotations

import io
import time
from typing import Any
from urllib.parse import quote

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guides.auto.asked import MOST_BODY, BadBody, body_of
from guides.auto.markup import BadXml, texts
from guides.auto.typed import BadAddress, address_of
from mailboxes.models import MailDomain
from tests.guides.auto.conftest import NAME, POX, SCHEMA, at

POX_PATH = "/autodiscover/autodiscover.xml"
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
GOOD = POX.format(address=f"ana@{NAME}", schema=SCHEMA)
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no XML": b"hello",
    "cut off": GOOD[:-20].encode(),
    "a DTD": b"<!DOCTYPE x>" + GOOD.partition("?>")[2].encode(),
    "an entity": f'<!DOCTYPE x [<!ENTITY e "ana@{NAME}">]><x><EMailAddress>&e;</EMailAddress></x>'.encode(),
    "billion laughs": (
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]>' + "<x><EMailAddress>&a11;</EMailAddress></x>"
    ).encode(),
    "a file": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x><EMailAddress>&e;</EMailAddress></x>',
    "an address": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x><EMailAddress>a@b.test</EMailAddress></x>',
    "parameters": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]><x/>',
    "deep": b"<a>" * 9000 + b"</a>" * 9000,
    "long": b"<x>" + b" " * MOST_BODY + b"</x>",
    "many attributes": b"<x " + b" ".join(b'a%d="1"' % n for n in range(4000)) + b"/>",
    "undeclared": b"<x><EMailAddress>&nbsp;</EMailAddress></x>",
    "UTF-16 that is none": b"\xff\xfe<\x00x",
    "no such encoding": b'<?xml version="1.0" encoding="x-none"?><x/>',
    "an encoding of several bytes": b'<?xml version="1.0" encoding="big5"?><x>\xa4\xa4</x>',
    "a wrong one": b'<?xml version="1.0"?><x><EMailAddress>\xff\xfe@luna.example</EMailAddress></x>',
    "a NUL": b"<x><EMailAddress>an\x00a@luna.example</EMailAddress></x>",
    "UTF-7": b"<?xml version='1.0' encoding='utf-7'?>+ADw-x+AD4-",
    "no address": b"<Autodiscover><Request/></Autodiscover>",
    "an empty one": POX.format(address="", schema=SCHEMA).encode(),
    "a form": b"EMailAddress=ana%40luna.example",
    "JSON": b'{"EMailAddress": "ana@luna.example"}',
}
ADDRESSES = [
    "ana",
    "@",
    "@@",
    f"ana@@{NAME}",
    f"a@b@{NAME}",
    f'"ana"@{NAME}',
    f'"a b"@{NAME}',
    f"ana @{NAME}",
    f"<ana@{NAME}>",
    f"añ@{NAME}",
    f"ana\u202e@{NAME}",
    f"ana\u200b@{NAME}",
    f"ana@\u202e{NAME}",
    f"a\x00na@{NAME}",
    f"ana\n@{NAME}",
    f"ana%40{NAME}",
    f"ana@{NAME}%00",
    f"{'a' * 10240}@{NAME}",
    f"ana@{'a' * 10240}.example",
    "ana@luna..example",
    f"ana@{NAME}/../x",
    f"ana@{NAME}:25",
    "ana@[127.0.0.1]",
    "ana@127.0.0.1",
    "ana@localhost",
    f"'or'1'='1@{NAME}",
    f"ana@{NAME}<script>alert(1)</script>",
    f"<b>x</b>@{NAME}",
    f".ana@{NAME}",
    f"ana.@{NAME}",
    "\ud800@luna.example",
    "%00",
    "%",
    "%EMAILADDRESS%@",
    f"%EMAILLOCALPART%@{NAME}",
]


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_question(luna: MailDomain, name: str) -> None:
    begun = time.monotonic()
    answer = at().post(POX_PATH, data=BODIES[name], content_type="text/xml")
    assert answer.status_code == 400
    assert time.monotonic() - begun < 1
    assert b"root:" not in answer.content
    assert b"<script" not in answer.content


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_odd_address(luna: MailDomain, address: str) -> None:
    sent = quote(address, safe="", errors="surrogatepass")
    client = at()
    for path in (
        f"/mail/config-v1.1.xml?emailaddress={sent}",
        f"/autodiscover/autodiscover.json?Email={sent}&Protocol=AutodiscoverV1",
        f"/profile.mobileconfig?address={sent}",
    ):
        answer = client.get(path)
        assert answer.status_code == 400, path
        assert b"<script" not in answer.content
        assert b"<b>" not in answer.content
    page = client.get(f"/setup/{sent}/")
    assert page.status_code in {400, 404}
    assert b"<script>alert" not in page.content
    body = POX.format(address="ADDRESS", schema=SCHEMA).encode("utf-8")
    escaped = address.replace("&", "&amp;").replace("<", "&lt;").encode("utf-8", "surrogatepass")
    answer = client.post(POX_PATH, data=body.replace(b"ADDRESS", escaped), content_type="text/xml")
    if address.strip() == address:
        assert answer.status_code == 400
    assert answer.status_code < 500


def test_addresses_that_are_written_otherwise_are_understood() -> None:
    assert address_of(" Ana@LUNA.example. ".strip()).address == "ana@luna.example"
    assert address_of("ana+shop@luna.example").address == "ana@luna.example"
    assert address_of("ana@café.example").address == "ana@xn--caf-dma.example"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_an_address_or_none(text: str) -> None:
    try:
        found = address_of(text)
    except BadAddress:
        return
    assert found.address.isascii()
    assert found.address.count("@") == 1
    assert not set(found.address) & set("<>&\"' \t\r\n\0/\\%")


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=600),
        st.text(max_size=300).map(lambda text: GOOD.replace("ana@", text).encode("utf-8", "replace")),
    )
)
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        found = texts(body, ("EMailAddress",))
    except BadXml:
        return
    assert all(isinstance(text, str) for text in found.values())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80))
def test_any_address_is_answered(luna: MailDomain, text: str) -> None:
    for address in (text, f"{text}@{NAME}", f"ana@{text}"):
        answer = at().get("/mail/config-v1.1.xml", {"emailaddress": address.encode("utf-8", "replace")})
        assert answer.status_code in {200, 400, 404}


def asked(body: bytes, **meta: Any) -> bytes:
    request = RequestFactory().post(POX_PATH, data=body, content_type="text/xml")
    request.META.update(meta)
    return body_of(request)


def test_a_long_body_is_not_read() -> None:
    with pytest.raises(BadBody):
        asked(b"x", CONTENT_LENGTH=str(50_000_000))
    for length in ("-1", "x", "1e3", "9" * 400, "٣"):
        with pytest.raises(BadBody):
            asked(b"x", CONTENT_LENGTH=length)


def test_a_body_in_pieces_is_read_and_no_more_than_is_wanted() -> None:
    endless = io.BytesIO(b"x" * 1_000_000)
    with pytest.raises(BadBody):
        asked(b"", **{"CONTENT_LENGTH": "", "wsgi.input_terminated": True, "wsgi.input": endless})
    assert endless.tell() <= MOST_BODY + 1
    good = io.BytesIO(GOOD.encode())
    assert (
        asked(b"", **{"CONTENT_LENGTH": "", "wsgi.input_terminated": True, "wsgi.input": good})
        == GOOD.encode()
    )


@pytest.mark.parametrize("path", ["/mail/config-v1.1.xml", "/profile.mobileconfig"])
@pytest.mark.parametrize("host", ["localhost", f"autoconfig.{NAME}"])
def test_a_form_sent_where_there_is_none(luna: MailDomain, path: str, host: str) -> None:
    """No token is asked for: its lack would be told on a page of the panel, which is not at such a host."""
    client = at(host)
    client.handler.enforce_csrf_checks = True
    assert client.post(path, {"a": "b"}).status_code == 405
