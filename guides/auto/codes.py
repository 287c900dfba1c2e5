"""Codes to scan: black on white with the quiet zone around it (ISO/IEC 18004 §9.1), whatever the page's
colours. Pure."""

from __future__ import annotations

import json
from io import BytesIO

import qrcode
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.image.svg import SvgPathFillImage

from guides.auto.offers import Offer
from guides.clientconfig import Authentication, Encryption, Protocol, Server

CONTENT_TYPE = "image/svg+xml"
QUIET = 4  # modules of white around it

# Thunderbird's "Export for Mobile", version 1 (feature/migration/qrcode/qr-code-format.md of Thunderbird for
# Android, which K-9 shares).
_FORMAT = 1
_INCOMING = {Protocol.IMAP: 0, Protocol.POP3: 1}
_SMTP = 0
_SECURITY = {Encryption.STARTTLS: 2, Encryption.TLS: 3}
_AUTHENTICATION = {Authentication.PASSWORD: 1}


def picture(text: str, *, dense: bool = False) -> bytes:
    """An SVG of its own. ``dense``: much text; less of it may be dirty then."""
    level = ERROR_CORRECT_L if dense else ERROR_CORRECT_M
    code = qrcode.QRCode(error_correction=level, box_size=10, border=QUIET, image_factory=SvgPathFillImage)
    code.add_data(text)
    code.make(fit=True)
    out = BytesIO()
    code.make_image().save(out)
    return out.getvalue()


def thunderbird_mobile(offer: Offer, password: str = "") -> str:
    """What Thunderbird for Android and K-9 read under "Import from desktop"; empty: no IMAP or SMTP here. Its
    person types the password, if it is not given here."""
    incoming, outgoing = offer.config.server(Protocol.IMAP), offer.config.server(Protocol.SMTP)
    if incoming is None or outgoing is None:
        return ""
    receives = [
        _INCOMING[incoming.protocol],
        *_row(incoming),
        *([offer.address, password] if password else []),
    ]
    sends = [_SMTP, *_row(outgoing), *([password] if password else [])]
    whole = [_FORMAT, [1, 1], receives, [[sends, [offer.address, offer.address.partition("@")[0]]]]]
    return json.dumps(whole, separators=(",", ":"))


def _row(server: Server) -> list[str | int]:
    return [
        server.host,
        server.port,
        _SECURITY[server.encryption],
        _AUTHENTICATION[server.authentication],
        server.username,
    ]
