"""The instance's own certificate authority (RFC 5280): a certificate for the servers, and one by which Caddy
makes those of brands' host names. Renewed in time."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.stack.files import folder, write

CA_DAYS = 3650
SERVER_DAYS = 397  # browsers refuse longer ones
RENEW_DAYS = 30


def settle(
    directory: Path,
    *,
    names: list[str],
    key_group: str,
    panel_group: str = "root",
    now: dt.datetime | None = None,
) -> None:
    """Have ``ca.pem``, ``server.pem`` and ``server.key`` in ``directory``, for ``names`` (or addresses),
    ``issuing.pem`` and ``issuing.key``, which sign other servers' certificates and no further authority, and
    ``profiles.pem`` and ``profiles.key``, which the panel signs set-up profiles with.

    ``key_group`` may read the keys of the first two beside root, ``panel_group`` that of profiles; the
    authority's own is for root alone. What is valid is left as it is.
    """
    now = now or dt.datetime.now(dt.UTC)
    folder(directory)
    if not _good(directory / "ca.pem", now) or not _may_delegate(directory / "ca.pem"):
        _write_authority(directory, now)
    if not _good(directory / "issuing.pem", now, authority=directory / "ca.pem"):
        _write_issuing(directory, key_group, now)
    if not _good(directory / "server.pem", now, names=names, authority=directory / "ca.pem"):
        _write_server(directory, names, key_group, now)
    if not _good(directory / "profiles.pem", now, authority=directory / "ca.pem"):
        _write_profiles(directory, panel_group, now)


def settle_server(
    authority: Path, directory: Path, *, names: list[str], now: dt.datetime | None = None
) -> None:
    """Have ``server.pem`` and ``server.key`` for ``names`` in ``directory``, and a copy of ``ca.pem``, for a
    server that must not see the authority's own folder."""
    now = now or dt.datetime.now(dt.UTC)
    write(directory / "ca.pem", (authority / "ca.pem").read_text(encoding="ascii"))
    if not _good(directory / "server.pem", now, names=names, authority=authority / "ca.pem"):
        _write_server(authority, names, "root", now, into=directory)


def added_names(directory: Path) -> list[str]:
    """Names that resellers gave the mail servers, for the servers' certificate too: one a line in ``names``,
    which the provider keeps."""
    try:
        lines = (directory / "names").read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []
    return sorted({line.lower() for line in lines if re.fullmatch(r"[A-Za-z0-9.-]{4,253}", line)})


def _good(
    path: Path, now: dt.datetime, names: list[str] | None = None, authority: Path | None = None
) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        key = serialization.load_pem_private_key(path.with_suffix(".key").read_bytes(), None)
        if key.public_key() != certificate.public_key():
            return False
        if authority:
            certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.read_bytes()))
    except Exception:
        # Missing, cut off, from another authority: every reason ends in making a new one.
        return False
    if (
        certificate.not_valid_after_utc < now + dt.timedelta(days=RENEW_DAYS)
        or certificate.not_valid_before_utc > now
    ):
        return False
    if names is None:
        return True
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(found) == _alternative_names(names)


def _may_delegate(path: Path) -> bool:
    """An authority made before there was ``issuing.pem`` cannot vouch for it."""
    authority = x509.load_pem_x509_certificate(path.read_bytes())
    return authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 1


def _alternative_names(names: list[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))  # a little, for clocks that differ
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_authority(directory: Path, now: dt.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Postroom local CA {now:%Y-%m-%d %H:%M}")])
    certificate = (
        _builder(name, key, now, CA_DAYS)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write(directory / "ca.key", _pem(key), mode=0o600)
    write(directory / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM).decode())


def _authority(directory: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    authority = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
    key = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("ca.key is not a key that we made")
    return authority, key


def _write_issuing(directory: Path, key_group: str, now: dt.datetime) -> None:
    authority, authority_key = _authority(directory)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Postroom local CA, host names of brands")])
    certificate = (
        _builder(name, key, now, CA_DAYS - RENEW_DAYS)
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    write(directory / "issuing.key", _pem(key), group=key_group, mode=0o640)
    write(directory / "issuing.pem", certificate.public_bytes(serialization.Encoding.PEM).decode())


def _write_server(
    directory: Path, names: list[str], key_group: str, now: dt.datetime, into: Path | None = None
) -> None:
    authority, authority_key = _authority(directory)
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), key, now, SERVER_DAYS)
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternative_names(names)), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    into = into or directory
    write(into / "server.key", _pem(key), group=key_group, mode=0o640)
    write(into / "server.pem", certificate.public_bytes(serialization.Encoding.PEM).decode())


def _write_profiles(directory: Path, key_group: str, now: dt.datetime) -> None:
    """For signing as mail is signed (RFC 8551): what OpenSSL asks of the signer of a CMS message. Devices ask
    only whether they trust the authority."""
    authority, authority_key = _authority(directory)
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _builder(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Postroom profiles")]), key, now, SERVER_DAYS
        )
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    write(directory / "profiles.key", _pem(key), group=key_group, mode=0o640)
    write(directory / "profiles.pem", certificate.public_bytes(serialization.Encoding.PEM).decode())


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
