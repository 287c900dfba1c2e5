"""The records of the reader's own domain, in words. Their values are other people's text: the templates
escape it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from dnszone import names, rdata, spf
from dnszone.models import Record
from guides.learn.scope import Scope

LONG = 300  # characters of a value that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Mx:
    """``target``: as people write it; "" for the null MX of RFC 7505. ``ours``: the server that this domain's
    mailboxes are on."""

    priority: int
    target: str
    ours: bool
    rank: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A record that vouches for the domain's mail. ``value``: empty where there is none."""

    name: str
    owner: str
    value: str
    does: str
    missing: str


def _records(scope: Scope, wanted: Q) -> list[Record] | None:
    """None: no zone of the domain is kept here."""
    if scope.domain is None or getattr(scope.domain, "zone", None) is None:
        return None
    return list(Record.objects.filter(wanted, zone=scope.domain.zone).order_by("owner", "rdata")[:200])


def mx(scope: Scope) -> dict[str, Any]:
    """``rows``: the lowest number first (RFC 5321 §5.1); None where no zone is kept here."""
    found = _records(scope, Q(owner=names.APEX, type="MX"))
    if found is None:
        return {"rows": None}
    pairs = sorted((int(text[0]), text[2]) for text in (record.rdata.partition(" ") for record in found))
    mail = getattr(scope.domain, "mail", None)
    here = mail.node.host if mail else ""
    return {"rows": [_mx(priority, target, here, pairs) for priority, target in pairs]}


def _mx(priority: int, target: str, here: str, pairs: Sequence[tuple[int, str]]) -> Mx:
    first = pairs[0][0]
    alone = [each for each, _target in pairs].count(first) == 1
    host = target.rstrip(".")
    if not host:
        rank = _("This domain takes no mail")
    elif priority > first:
        rank = _("Only if those before it do not answer")
    else:
        rank = _("Tried first") if alone else _("Shares the first place")
    return Mx(priority=priority, target=names.shown(target) if host else "", ours=host == here, rank=rank)


def records(scope: Scope) -> dict[str, Any]:
    """SPF, DKIM and DMARC as the zone has them; None where no zone is kept here."""
    keys = Q(owner__endswith="._domainkey", type__in=["TXT", "CNAME"])
    found = _records(scope, Q(owner=names.APEX, type="TXT") | Q(owner="_dmarc", type="TXT") | keys)
    if found is None:
        return {"rows": None}
    texts = [(record.owner, _text(record)) for record in found]
    return {"rows": [*_spf(texts), *_dkim(texts), *_dmarc(texts)]}


def _text(record: Record) -> str:
    return rdata.text(record.rdata) if record.type == "TXT" else record.rdata


def _spf(texts: Sequence[tuple[str, str]]) -> list[Found]:
    values = [text for owner, text in texts if owner == names.APEX and spf.is_spf(text)]
    return [
        Found(
            name="SPF",
            owner="@",
            value=value[:LONG],
            does=_("Which servers may send in the name of this domain."),
            missing=_("Missing: other servers cannot tell your mail from forged mail."),
        )
        for value in values or [""]
    ]


def _dkim(texts: Sequence[tuple[str, str]]) -> list[Found]:
    keys = [(owner, text) for owner, text in texts if owner.endswith("._domainkey")]
    return [
        Found(
            name="DKIM",
            owner=owner,
            value=value[:LONG],
            does=_("The public key that proves the signature on your mail."),
            missing=_("Missing: nobody can check a signature on your mail."),
        )
        for owner, value in keys[:5] or [("…._domainkey", "")]
    ]


def _dmarc(texts: Sequence[tuple[str, str]]) -> list[Found]:
    values = [text for owner, text in texts if owner == "_dmarc" and text.lower().startswith("v=dmarc1")]
    return [
        Found(
            name="DMARC",
            owner="_dmarc",
            value=value[:LONG],
            does=_("What others shall do with mail that fails both."),
            missing=_("Missing: others decide by themselves what to do with forged mail."),
        )
        for value in values or [""]
    ]
