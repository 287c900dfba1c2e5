"""Certificates and keys: CAA, TLSA, SSHFP, DS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from dnszone import values as v
from dnszone.rdata.base import Field, RecordType, choice, hexadecimal, number
from lib.errors import Refused


def _caa(tokens: Sequence[str]) -> None:
    v.caa_pair(tokens[1], v.caa_shown(tokens[2]), "value")


CAA = RecordType(
    "CAA",
    __("says who may issue certificates"),
    (
        number("flags", __("Flags"), __("0, or 128 if an issuer must understand this."), "0", top=255),
        choice(
            "tag",
            __("Tag"),
            __("What the value is about."),
            (
                ("issue", __("issue: may issue certificates")),
                ("issuewild", __("issuewild: may issue certificates for all names (*)")),
                ("issuemail", __("issuemail: may issue certificates for mail addresses (S/MIME)")),
                ("issuevmc", __("issuevmc: may issue certificates for logos (BIMI)")),
                ("iodef", __("iodef: where to report what was refused")),
                ("contactemail", __("contactemail: a mail address to ask")),
                ("contactphone", __("contactphone: a telephone number to ask")),
            ),
            "issue",
        ),
        Field(
            "value",
            __("Value"),
            __("The issuer, such as letsencrypt.org. A lone ; means: nobody may."),
            lambda text, zone: v.caa_value(text, "value"),
            v.caa_shown,
        ),
    ),
    rest=True,
    check=_caa,
)

# RFC 4509, RFC 6605, RFC 3658; RFC 4255, RFC 6594; RFC 6698 §2.1.3: octets of each digest.
_DS_OCTETS = {"1": 20, "2": 32, "4": 48}
_SSHFP_OCTETS = {"1": 20, "2": 32}
_TLSA_OCTETS = {"1": 32, "2": 64}


def _long_as(octets: dict[str, int], kind: int, data: int, field: str) -> Callable[[Sequence[str]], None]:
    """What a check of digests says: as many digits as the kind of digest has."""

    def check(tokens: Sequence[str]) -> None:
        wanted = octets.get(tokens[kind], 0) * 2
        if wanted and len(tokens[data]) != wanted:
            raise Refused(
                _("This kind has %(wanted)d digits, and here are %(size)d. Copy the whole value again.")
                % {"wanted": wanted, "size": len(tokens[data])},
                field,
            )

    return check


DS = RecordType(
    "DS",
    __("says with which key a subdomain at other name servers is signed (DNSSEC)"),
    (
        number("key_tag", __("Key tag"), __("From 0 to 65535, as the subdomain’s provider shows it.")),
        choice(
            "algorithm",
            __("Algorithm"),
            __("Of the key."),
            (
                ("13", __("13: ECDSA P-256, SHA-256")),
                ("15", __("15: Ed25519")),
                ("14", __("14: ECDSA P-384, SHA-384")),
                ("16", __("16: Ed448")),
                ("8", __("8: RSA, SHA-256")),
                ("10", __("10: RSA, SHA-512")),
                ("7", __("7: RSA, SHA-1, NSEC3 (old)")),
                ("5", __("5: RSA, SHA-1 (old)")),
            ),
            "13",
            RSASHA1="5",
            NSEC3RSASHA1="7",
            RSASHA1NSEC3SHA1="7",
            RSASHA256="8",
            RSASHA512="10",
            ECDSAP256SHA256="13",
            ECDSAP384SHA384="14",
            ED25519="15",
            ED448="16",
        ),
        choice(
            "digest_type",
            __("Digest type"),
            __("How the digest was made."),
            (("2", __("2: SHA-256")), ("4", __("4: SHA-384")), ("1", __("1: SHA-1 (old)"))),
            "2",
        ),
        hexadecimal("digest", __("Digest"), __("Hexadecimal digits: 64 of them for SHA-256.")),
    ),
    rest=True,
    check=_long_as(_DS_OCTETS, 2, 3, "digest"),
)
SSHFP = RecordType(
    "SSHFP",
    __("holds the fingerprint of an SSH server’s key"),
    (
        choice(
            "algorithm",
            __("Key"),
            __("The kind of the server’s key."),
            (
                ("4", __("4: Ed25519")),
                ("3", __("3: ECDSA")),
                ("1", __("1: RSA")),
                ("6", __("6: Ed448")),
                ("2", __("2: DSA (old)")),
            ),
            "4",
        ),
        choice(
            "fingerprint_type",
            __("Fingerprint type"),
            __("How the fingerprint was made."),
            (("2", __("2: SHA-256")), ("1", __("1: SHA-1 (old)"))),
            "2",
        ),
        hexadecimal(
            "fingerprint",
            __("Fingerprint"),
            __("Hexadecimal digits: 64 of them for SHA-256. “ssh-keygen -r” on the server writes them."),
        ),
    ),
    rest=True,
    check=_long_as(_SSHFP_OCTETS, 1, 2, "fingerprint"),
)
TLSA = RecordType(
    "TLSA",
    __("says which certificate a server has (DANE)"),
    (
        choice(
            "usage",
            __("Usage"),
            __("What the data below is."),
            (
                ("3", __("3: the server’s own certificate or key (DANE-EE)")),
                ("2", __("2: the issuer’s, trusted because of this record (DANE-TA)")),
                ("1", __("1: the server’s own, from a public issuer (PKIX-EE)")),
                ("0", __("0: the issuer’s, one that is trusted anyway (PKIX-TA)")),
            ),
            "3",
            **{"DANE-EE": "3", "DANE-TA": "2", "PKIX-EE": "1", "PKIX-TA": "0"},
        ),
        choice(
            "selector",
            __("Selector"),
            __("Which part of the certificate."),
            (("1", __("1: its public key")), ("0", __("0: the whole certificate"))),
            "1",
            SPKI="1",
            CERT="0",
        ),
        choice(
            "matching_type",
            __("Matching type"),
            __("In which form."),
            (("1", __("1: SHA-256")), ("2", __("2: SHA-512")), ("0", __("0: in full"))),
            "1",
            **{"SHA2-256": "1", "SHA2-512": "2", "FULL": "0"},
        ),
        hexadecimal("data", __("Data"), __("Hexadecimal digits: 64 of them for SHA-256.")),
    ),
    rest=True,
    check=_long_as(_TLSA_OCTETS, 2, 3, "data"),
)
