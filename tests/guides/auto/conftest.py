"""One domain with mail, seen by strangers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mailboxes.models import MailDomain
from tests.factories import AccountFactory, DomainFactory, MailDomainFactory

NAME = "luna.example"
POX = (
    '<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/'
    'autodiscover/outlook/requestschema/2006"><Request><EMailAddress>{address}</EMailAddress>'
    "<AcceptableResponseSchema>{schema}</AcceptableResponseSchema></Request></Autodiscover>"
)
SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"


@pytest.fixture
def luna(db: None) -> MailDomain:
    account = AccountFactory.create()
    return MailDomainFactory.create(
        domain=DomainFactory.create(account=account, name=NAME, display_name=NAME)
    )


def at(host: str = "localhost", **more: Any) -> Client:
    """A program that comes by this name, over TLS."""
    return Client(headers={"host": host, "x-forwarded-proto": "https"}, raise_request_exception=True, **more)


def ask(
    address: str, host: str = "localhost", schema: str = SCHEMA, path: str = "/autodiscover/autodiscover.xml"
) -> Any:
    body = POX.format(address=address, schema=schema)
    return at(host).post(path, data=body.encode(), content_type="text/xml")
