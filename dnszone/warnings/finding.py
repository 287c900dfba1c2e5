"""What DNS allows and what hurts all the same. Pure, and fast on a whole zone: one pass, then what it found.

The rules refuse (dnszone.rules); these only say what will happen and the one thing to do about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dnszone import names, rdata
from dnszone.names import APEX
from dnszone.spec import Row
from dnszone.warnings import mailtexts
from dnszone.warnings.shape import Shape

# What mail programs and servers ask for, and what a star must not answer.
MAIL_NAMES = ("mail", "autoconfig", "autodiscover", "smtp", "imap", "pop", "mta-sts")
_TARGETS = ("MX", "NS", "SRV")
_ADDRESSES = frozenset({"A", "AAAA", "ALIAS"})
_SHOWN = 20  # of one kind: beyond that a list helps nobody


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - what it is; the builtin is not used here
    """``owner`` and ``type``: the records it is about (``type`` empty: all of that name). ``code``: for tests
    and programs. ``text``: what hurts and the one thing to do."""

    owner: str
    type: str
    code: str
    text: str
    tone: str = "warn"


def warn(zone: str, rows: Collection[Row]) -> list[Warning]:
    """All that hurts in a zone of ``rows``, the worst for mail first; at most 20 of a kind."""
    state = Shape(zone, rows)
    found: list[Warning] = []
    for check in _CHECKS:
        for number, warning in enumerate(check(state)):
            if number == _SHOWN:
                break
            found.append(warning)
    return found


def _no_mx(zone: Shape) -> Iterator[Warning]:
    if "MX" not in zone.kinds.get(APEX, ()):
        yield Warning(
            APEX,
            "MX",
            "no_mx",
            _(
                "There is no MX record, so other servers try the domain’s own address, or send nothing at "
                "all. Add the mail server, or a lone dot as destination if there is to be no mail."
            ),
        )


def _targets(zone: Shape) -> Iterator[Warning]:
    for kind in _TARGETS:
        for row in zone.of[kind]:
            target = rdata.target(kind, row.rdata)
            owner = zone.owner(target) if target else ""
            if not owner or zone.delegated(owner):
                continue
            here = zone.answers(owner)
            name = names.shown(target)
            if "CNAME" in here:
                yield _alias_target(row, name)
            elif not here & _ADDRESSES:
                yield _dark_target(row, name)


def _alias_target(row: Row, name: str) -> Warning:
    """RFC 2181 §10.3, RFC 5321 §5.1, RFC 2782."""
    texts = {
        "MX": _(
            "%(target)s is a CNAME. Some servers then lose or refuse the mail. Write the name that it stands "
            "for, or give it an A record."
        ),
        "NS": _(
            "%(target)s is a CNAME. Some resolvers then do not find the subdomain. Write the name that it "
            "stands for."
        ),
        "SRV": _(
            "%(target)s is a CNAME. Some programs then do not find the service. Write the name that it "
            "stands for."
        ),
    }
    return Warning(
        row.owner, row.type, f"{row.type.lower()}_target_alias", texts[row.type] % {"target": name}
    )


def _dark_target(row: Row, name: str) -> Warning:
    texts = {
        "MX": _(
            "%(target)s has no address in this zone, so no mail reaches it. Add an A record for it, or write "
            "another destination."
        ),
        "NS": _(
            "%(target)s has no address in this zone, so nobody finds the subdomain. Add an A record for it."
        ),
        "SRV": _(
            "%(target)s has no address in this zone, so no program reaches the service. Add an A record for "
            "it, or write another server."
        ),
    }
    return Warning(row.owner, row.type, f"{row.type.lower()}_target_dark", texts[row.type] % {"target": name})


def _mail_texts(zone: Shape) -> Iterator[Warning]:
    """SPF, DMARC and DKIM: each is a TXT that others read by its first words."""
    texts: dict[str, list[str]] = defaultdict(list)
    for row in zone.of["TXT"]:
        if row.rdata[1:3] in ("v=", "V=") or "_domainkey" in row.owner:
            texts[row.owner].append(rdata.text(row.rdata))
    for owner, values in texts.items():
        for code, text in mailtexts.faults(owner, values):
            yield Warning(owner, "TXT", code, text)


def _stars(zone: Shape) -> Iterator[Warning]:
    kinds = zone.kinds.get("*", frozenset()) & {"A", "AAAA", "CNAME", "MX"}
    if not kinds:
        return
    caught = [name for name in MAIL_NAMES if zone.star_for(name) == "*"]
    if caught:
        yield Warning(
            "*",
            sorted(kinds)[0],
            "star_catches_mail",
            _(
                "The star answers for %(names)s as well, and mail programs and servers ask for these. Give "
                "them records of their own, or replace the star by the names that are meant."
            )
            % {"names": ", ".join(f"{name}.{names.shown(zone.name)}" for name in caught[:3])},
        )
    if "MX" in kinds:
        yield Warning(
            "*",
            "MX",
            "star_mx",
            _(
                "The star takes mail for every name that has no records: forged and mistyped ones too. Write "
                "an MX record for each subdomain that shall have mail."
            ),
        )


def _zero_ttls(zone: Shape) -> Iterator[Warning]:
    for owner, kind in zone.zero:
        yield Warning(
            owner,
            kind,
            "ttl_zero",
            _(
                "A TTL of 0 forbids others to keep the answer: every look-up comes here, and some resolvers "
                "keep it all the same. Choose 5 minutes or more."
            ),
        )


def _hidden(zone: Shape) -> Iterator[Warning]:
    """RFC 1034 §4.2.1: below a cut only the addresses of its name servers are ours to give."""
    if not zone.cuts:
        return
    glue = {zone.owner(rdata.target("NS", row.rdata)) for row in zone.of["NS"] if row.owner != APEX}
    for owner, kinds in zone.kinds.items():
        cut = zone.delegated(owner)
        hidden = kinds - ({"NS", "DS"} if owner == cut else set())
        hidden -= {"A", "AAAA"} if owner in glue else set()
        if cut and hidden:
            yield Warning(
                owner,
                sorted(hidden)[0],
                "hidden_by_delegation",
                _(
                    "“%(cut)s” is handed to other name servers, so nobody sees the %(types)s here. Write it "
                    "there, or delete the NS records of “%(cut)s”."
                )
                % {"cut": names.shown(cut), "types": ", ".join(sorted(hidden))},
            )


def _aliases_to_nothing(zone: Shape) -> Iterator[Warning]:
    for kind in ("CNAME", "ALIAS"):
        for row in zone.of[kind]:
            target = rdata.target(kind, row.rdata)
            owner = zone.owner(target)
            if owner and not zone.delegated(owner) and not zone.answers(owner):
                yield Warning(
                    row.owner,
                    kind,
                    "alias_to_nothing",
                    _(
                        "%(target)s has no records, so this leads nowhere. Add records for it, or point to "
                        "another name."
                    )
                    % {"target": names.shown(target)},
                )
            elif kind == "ALIAS" and owner and "ALIAS" in zone.answers(owner):
                yield Warning(
                    row.owner,
                    kind,
                    "alias_to_alias",
                    _(
                        "%(target)s is an ALIAS itself, and may have no answer. Write the name that it "
                        "stands for."
                    )
                    % {"target": names.shown(target)},
                )


def _one_server(zone: Shape) -> Iterator[Warning]:
    """RFC 2182 §5, RFC 1034 §4.1."""
    counted: dict[str, int] = defaultdict(int)
    for row in zone.of["NS"]:
        counted[row.owner] += 1
    for owner, number in counted.items():
        if number == 1 and owner != APEX:
            yield Warning(
                owner,
                "NS",
                "one_name_server",
                _(
                    "“%(owner)s” has one name server. When that is down, the subdomain is gone. Add a second "
                    "one."
                )
                % {"owner": names.shown(owner)},
            )


_CHECKS: tuple[Callable[[Shape], Iterable[Warning]], ...] = (
    _no_mx,
    _targets,
    _mail_texts,
    _stars,
    _hidden,
    _aliases_to_nothing,
    _zero_ttls,
    _one_server,
)
