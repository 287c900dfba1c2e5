"""Microsoft's Autodiscover for IMAP, POP3 and SMTP: POX ([MS-OXDSCLI] §2.2) and JSON, version 2. Pure."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from guides.auto import markup
from guides.auto.markup import put, written
from guides.auto.offers import Offer
from guides.clientconfig import Encryption, Protocol

CONTENT_TYPE = "application/xml; charset=utf-8"
OUTER = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
SETTINGS = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
ENCRYPTION = {Encryption.TLS: "SSL", Encryption.STARTTLS: "TLS"}

UNKNOWN_ADDRESS, BAD_REQUEST, NO_PROVIDER = 500, 600, 601  # [MS-OXDSCLI] §2.2.4.1.1.2.2: ErrorCode
MESSAGES = {
    UNKNOWN_ADDRESS: "The email address can't be found.",
    BAD_REQUEST: "Invalid Request",
    NO_PROVIDER: "Provider is not available",
}
POX_PROTOCOL = "AutodiscoverV1"


@dataclass(frozen=True, slots=True)
class Question:
    """``address``: as it was sent. ``schema``: of the answer that is wanted; empty: none was named."""

    address: str
    schema: str


def question(body: bytes) -> Question:
    """Raises markup.BadXml for what is no question."""
    found = markup.texts(body, ("EMailAddress", "AcceptableResponseSchema"))
    if not found.get("EMailAddress", "").strip():
        raise markup.BadXml("no address")
    return Question(found["EMailAddress"].strip(), found.get("AcceptableResponseSchema", "").strip())


def document(offer: Offer) -> bytes:
    """The settings. One Protocol element a protocol: Outlook tries no second one."""
    root = Element("Autodiscover", {"xmlns": OUTER})
    response = put(root, "Response", xmlns=SETTINGS)
    put(put(response, "User"), "DisplayName", offer.address)
    account = put(response, "Account")
    put(account, "AccountType", "email")
    put(account, "Action", "settings")
    for protocol in (Protocol.IMAP, Protocol.POP3, Protocol.SMTP):
        server = offer.config.server(protocol)
        if server is None:
            continue
        found = put(account, "Protocol")
        put(found, "Type", protocol.value)
        put(found, "Server", server.host)
        put(found, "Port", server.port)
        put(found, "DomainRequired", "off")
        put(found, "LoginName", server.username)
        put(found, "SPA", "off")
        put(found, "SSL", "on")
        put(found, "Encryption", ENCRYPTION[server.encryption])
        put(found, "AuthRequired", "on")
    return written(root)


def error(code: int, host: str, now: datetime) -> bytes:
    """``host``: whose number the answer bears, as [MS-OXDSCLI] wants it."""
    root = Element("Autodiscover", {"xmlns": OUTER})
    number = str(zlib.crc32(host.encode()))
    found = put(put(root, "Response"), "Error", Time=f"{now:%H:%M:%S.%f}", Id=number)
    put(found, "ErrorCode", code)
    put(found, "Message", MESSAGES[code])
    put(found, "DebugData")
    return written(root)


def json_answer(url: str) -> bytes:
    return json.dumps({"Protocol": POX_PROTOCOL, "Url": url}).encode()


def json_error(code: str, message: str) -> bytes:
    return json.dumps({"ErrorCode": code, "ErrorMessage": message}).encode()


def knows_protocol(name: str) -> bool:
    return name.lower() == POX_PROTOCOL.lower()
