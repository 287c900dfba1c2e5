"""Apple's configuration profiles: Mail on iPhone, iPad and Mac set up by a file.

https://developer.apple.com/documentation/devicemanagement/mail. Pure but for the two files of the signature.
"""

from __future__ import annotations

import plistlib
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from guides.auto.markup import clean
from guides.auto.offers import Offer
from guides.clientconfig import Encryption, Protocol, Server

CONTENT_TYPE = "application/x-apple-aspen-config"
KINDS = {Protocol.IMAP: "EmailTypeIMAP", Protocol.POP3: "EmailTypePOP"}


def profile(
    offer: Offer, *, protocol: Protocol, description: str, consent: Mapping[str, str], password: str = ""
) -> bytes | None:
    """The plist, unsigned. None: the servers do not offer ``protocol``, or no sending, with TLS from the
    start. ``consent``: language → what is shown before it is installed; ``default`` among them.

    The same mailbox on the same servers keeps its identifiers, so a newer profile takes the older one's
    place; one for other servers comes beside it, and mail that was fetched stays until the person decides.
    """
    incoming, outgoing = offer.config.server(protocol), offer.config.server(Protocol.SMTP)
    if incoming is None or outgoing is None:
        return None
    local, _at, domain = offer.address.partition("@")
    identifier = ".".join([*reversed(domain.split(".")), "mail", protocol.value.lower(), local])
    name = f"{offer.address}, {offer.name}"
    mail = {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{identifier}.account",
        "PayloadUUID": _stable(offer, incoming, "account"),
        "PayloadDisplayName": name,
        "EmailAccountDescription": offer.whole,
        "EmailAccountType": KINDS[protocol],
        "EmailAddress": offer.address,
        **_server("Incoming", incoming, password),
        **_server("Outgoing", outgoing, password),
        "OutgoingPasswordSameAsIncomingPassword": True,
        "PreventMove": False,
        "PreventAppSheet": False,
        "SMIMEEnabled": False,
    }
    whole = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": _stable(offer, incoming, "profile"),
        "PayloadDisplayName": name,
        "PayloadDescription": description,
        "PayloadOrganization": offer.name,
        "PayloadRemovalDisallowed": False,
        "ConsentText": dict(consent),
        "PayloadContent": [mail],
    }
    return plistlib.dumps(_cleaned(whole))


def _server(side: str, server: Server, password: str) -> dict[str, Any]:
    found = {
        f"{side}MailServerAuthentication": "EmailAuthPassword",
        f"{side}MailServerHostName": server.host,
        f"{side}MailServerPortNumber": server.port,
        f"{side}MailServerUseSSL": server.encryption in {Encryption.TLS, Encryption.STARTTLS},
        f"{side}MailServerUsername": server.username,
    }
    return found | ({f"{side}Password": password} if password else {})


def _stable(offer: Offer, server: Server, part: str) -> str:
    name = f"imap://{server.username}@{server.host}:{server.port}/{server.protocol}/{offer.address}#{part}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name)).upper()


def _cleaned(value: Any) -> Any:
    """Control characters stand in no plist; plistlib raises for them."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    return value


def signed(document: bytes, certificate: Path, key: Path) -> bytes:
    """CMS SignedData in DER with the content inside (RFC 5652 §5). ``certificate``: PEM, the signer's first,
    then those that vouch for it. Raises OSError or ValueError when the files are not what they should be."""
    signer, *chain = x509.load_pem_x509_certificates(certificate.read_bytes())
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("profiles are signed by EC or RSA keys alone")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(document).add_signer(signer, private, hashes.SHA256())
    for above in chain:
        builder = builder.add_certificate(above)
    options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
    return builder.sign(serialization.Encoding.DER, options)
