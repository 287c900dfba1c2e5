"""Records as PowerDNS writes them, where it takes no other spelling: SVCB and HTTPS. It knows the parameters
of RFC 9460 alone, without quotes, and wants all others as keyNNNNN."""

from __future__ import annotations

import io
from typing import cast

import dns.rdata
import dns.rdataclass
from dns.rdtypes.svcbbase import MandatoryParam, ParamKey, SVCBBase

KINDS = ("SVCB", "HTTPS")
_NAMES = {
    ParamKey.MANDATORY: "mandatory",
    ParamKey.ALPN: "alpn",
    ParamKey.NO_DEFAULT_ALPN: "no-default-alpn",
    ParamKey.PORT: "port",
    ParamKey.IPV4HINT: "ipv4hint",
    ParamKey.ECH: "ech",
    ParamKey.IPV6HINT: "ipv6hint",
}


def as_powerdns(kind: str, text: str) -> str:
    """``text`` of any type in the spelling that PowerDNS takes. Raises dns.exception.DNSException."""
    if kind not in KINDS:
        return text
    rdata = cast(SVCBBase, dns.rdata.from_text(dns.rdataclass.IN, kind, text))
    words = [_parameter(rdata, key) for key in sorted(rdata.params)]
    return " ".join([str(rdata.priority), str(rdata.target), *words])


def _parameter(rdata: SVCBBase, key: ParamKey) -> str:
    value = rdata.params[key]
    name = _NAMES.get(key)
    if name is None:
        wire = io.BytesIO()
        if value is not None:
            value.to_wire(wire)
        return f'key{int(key)}="{"".join(_escaped(octet) for octet in wire.getvalue())}"'
    if value is None:
        return name
    if isinstance(value, MandatoryParam):
        return f"{name}={','.join(_NAMES.get(one, f'key{int(one)}') for one in value.keys)}"
    text = value.to_text()
    return f"{name}={text if key == ParamKey.ECH else text[1:-1]}"


def _escaped(octet: int) -> str:
    """RFC 1035 §5.1."""
    if octet in b'"\\':
        return "\\" + chr(octet)
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"
