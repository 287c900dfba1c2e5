"""Mozilla's autoconfig, version 1.1: read by Thunderbird, K-9, Evolution, KMail, FairEmail, Spark and others.

https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from guides.auto.markup import put, written
from guides.auto.offers import Offer
from guides.clientconfig import Authentication, Encryption, Protocol, Server

CONTENT_TYPE = "application/xml; charset=utf-8"
SOCKET = {Encryption.TLS: "SSL", Encryption.STARTTLS: "STARTTLS"}
AUTHENTICATION = {Authentication.PASSWORD: "password-cleartext"}


def document(offer: Offer, guide: str, words: Mapping[str, str]) -> bytes:
    """``guide``: the address of our page for people. ``words``: language → what that page is. Programs put
    the person's address in place of %EMAILADDRESS%, so nothing here depends on it."""
    root = Element("clientConfig", {"version": "1.1"})
    provider = put(root, "emailProvider", id=offer.domain)
    put(provider, "domain", offer.domain)
    put(provider, "displayName", offer.whole)
    put(provider, "displayShortName", offer.name)
    username = "%EMAILADDRESS%" if offer.mailboxes == offer.domain else f"%EMAILLOCALPART%@{offer.mailboxes}"
    for protocol in (Protocol.IMAP, Protocol.POP3):
        for server in offer.config.every(protocol):
            _server(provider, "incomingServer", server, username)
    for server in offer.config.every(Protocol.SMTP):
        _server(provider, "outgoingServer", server, username)
    about = put(provider, "documentation", url=guide)
    for language, text in words.items():
        put(about, "descr", text, lang=language)
    return written(root)


def _server(parent: Element, name: str, server: Server, username: str) -> None:
    found = put(parent, name, type=server.protocol.value.lower())
    put(found, "hostname", server.host)
    put(found, "port", server.port)
    put(found, "socketType", SOCKET[server.encryption])
    put(found, "authentication", AUTHENTICATION[server.authentication])
    put(found, "username", username)
