"""Types of records by what people want of them, for the page that asks. Pure."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dnszone import rdata

_GROUPS: list[tuple[Promise, tuple[str, ...]]] = [
    (_("Mail"), ("MX", "TXT")),
    (_("Web and addresses"), ("A", "AAAA", "CNAME", "ALIAS", "HTTPS", "SVCB")),
    (_("Proof and security"), ("CAA", "TLSA", "SSHFP")),
    (_("Parts of the domain that others serve"), ("NS", "DS")),
]
_OTHER = _("Other")


def groups() -> list[tuple[Promise, list[rdata.RecordType]]]:
    """Every type once; what no group names is in the last."""
    named = {kind for _title, kinds in _GROUPS for kind in kinds}
    rest = tuple(kind for kind in rdata.TYPES if kind not in named)
    return [
        (title, [rdata.TYPES[kind] for kind in kinds if kind in rdata.TYPES])
        for title, kinds in [*_GROUPS, (_OTHER, rest)]
        if any(kind in rdata.TYPES for kind in kinds)
    ]
