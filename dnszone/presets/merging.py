"""From a zone's rows and what a provider needs to the rows that the zone shall have. Pure.

The MX set is replaced, SPF is merged, the rest is added; what stands in its way at the same name goes. What
is there already stays as it is, so that a preset applied twice changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dnszone import changeset, managed, rdata, spf, template
from dnszone.names import APEX
from dnszone.presentation import unquote
from dnszone.presets.catalog import HERE, PRESETS, Ask, Preset, program_hosts, recognised
from dnszone.spec import DEFAULT_TTL, RecordSpec, Row

# Names by which mail programs find their settings (RFC 6186, autoconfig, autodiscover).
PROGRAM_NAMES = {*template.SERVICES, "autoconfig", "autodiscover", "_autodiscover._tcp"}
_HOLE = re.compile(r"\{([a-z]+)\}")
_ONE_VALUE = {"TXT", "SRV"}  # at a name of its own, one preset's answer replaces another's


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """This provider's own: hosts that take mail (no last dot), the name that customers' SPF includes."""

    hosts: Collection[str] = ()
    include: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one preset, with its answers, wants in a zone. ``includes``: for SPF. ``missing``: the questions
    that were left open."""

    preset: Preset
    mx: Sequence[RecordSpec]
    records: Sequence[RecordSpec] = ()
    includes: Sequence[str] = ()
    missing: Sequence[Ask] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidy:
    """What else goes. ``programs``: records that lead mail programs here or to another preset's servers.
    ``includes``: names out of SPF."""

    programs: bool = False
    includes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    wanted: list[Row] = field(default_factory=list)
    spf: spf.Merged


def wish_of(preset: Preset, zone: str, answers: Mapping[str, str]) -> Wish:
    """``answers``: by the name of each question; an empty one is missing. The values are checked when
    the plan is made."""
    fill = filler(zone, starts(preset, zone) | {name: text for name, text in answers.items() if text})
    records = [
        RecordSpec(owner=fill(ask.owner), type=ask.makes, rdata=value_of(ask, answers[ask.name]))
        for ask in preset.asks
        if ask.makes and answers.get(ask.name)
    ]
    records += [
        RecordSpec(owner=owner, type="CNAME", rdata=f"{fill(target)}.") for owner, target in preset.cnames
    ]
    records += [RecordSpec(owner=owner, type="SRV", rdata=value) for owner, value in preset.srvs]
    include = fill(preset.include)
    return Wish(
        preset=preset,
        mx=[
            RecordSpec(owner=APEX, type="MX", rdata=f"{priority} {fill(host).removesuffix('.')}.")
            for priority, host in preset.mx
        ],
        records=records,
        includes=[dict(preset.renamed).get(include, include)] if include else [],
        missing=[ask for ask in preset.asks if ask.makes and not answers.get(ask.name)],
    )


def starts(preset: Preset, zone: str) -> dict[str, str]:
    """What stands in the fields of its form at first."""
    fill = filler(zone, {})
    return {ask.name: fill(ask.start) for ask in preset.asks if ask.start}


def wish_here(records: Sequence[RecordSpec], *, programs: bool) -> Wish:
    """``records``: template.new_domain with the DKIM keys. The website's address and the name servers are
    none of mail's business; DMARC and ``mail`` are only made where there is none (plan)."""
    mine = [spec for spec in records if not (spec.owner == APEX and spec.type in {"NS", "A", "AAAA"})]
    return Wish(
        preset=PRESETS[HERE],
        mx=[spec for spec in mine if spec.type == "MX"],
        records=[
            spec
            for spec in mine
            if spec.managed not in {managed.MX, managed.SPF}
            and (programs or spec.managed not in {managed.SRV, managed.AUTOCONFIG})
        ],
        includes=[name for spec in mine if spec.managed == managed.SPF for name in spf.includes(spec.rdata)],
    )


def plan(zone: str, rows: Sequence[Row], wish: Wish, tidy: Tidy, here: Here) -> Plan:
    """``rows``: the zone as it is, or as a draft would have it. Raises Refused with ``field`` of the record's
    type for a value that no record can hold."""
    wishes = {(spec.owner, spec.type, spec.rdata) for spec in wish.records}
    away = {*here.hosts, *program_hosts()}
    kept = [row for row in rows if not (tidy.programs and row.identity not in wishes and _leads(row, away))]
    kept = _set(zone, kept, wish.mx, rows, replace=True)
    for spec in wish.records:
        if spec.managed in {managed.DMARC, managed.ADDRESS} and _taken(kept, spec):
            continue
        many = spec.managed in {managed.ADDRESS, managed.DKIM}
        alone = spec.owner != APEX and spec.type in _ONE_VALUE and not many
        kept = _set(zone, kept, [spec], rows, replace=alone)
    kept, merged = _with_spf(zone, kept, wish, tidy, here)
    return Plan(wanted=kept, spf=merged)


def previous_includes(rows: Sequence[Row], here: Here, but: Collection[str]) -> list[str]:
    """The names in this zone's SPF that belong to the provider its MX point to now, or to this one, other
    than
    ``but``: what may go with the move."""
    targets = [rdata.target("MX", row.rdata) for row in rows if row.rrset == (APEX, "MX")]
    preset = PRESETS.get(recognised(targets, here.hosts))
    names = {here.include} if here.include else set()
    if preset and preset.include:
        regions = [value for ask in preset.asks for value, _words in ask.choices]
        names |= {preset.include, *preset.also, *regions, *dict(preset.renamed).values()}
    found = [name for row in spf_rows(rows) for name in spf.includes(text_of(row))]
    return [name for name in dict.fromkeys(found) if name in names and name not in but]


def spf_rows(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.rrset == (APEX, "TXT") and spf.is_spf(text_of(row))]


def text_of(row: Row) -> str:
    """A TXT value as receivers join it."""
    return unquote(row.rdata, "text").decode("utf-8", "replace")


def _with_spf(
    zone: str, rows: Sequence[Row], wish: Wish, tidy: Tidy, here: Here
) -> tuple[list[Row], spf.Merged]:
    old = spf_rows(rows)
    merged = spf.merge([text_of(row) for row in old], add=wish.includes, drop=tidy.includes)
    if len(old) == 1 and text_of(old[0]) == merged.text:
        return list(rows), merged
    label = (
        managed.SPF if here.include and merged.text == f"{spf.VERSION} include:{here.include} ~all" else ""
    )
    spec = RecordSpec(owner=APEX, type="TXT", rdata=merged.text, managed=label)
    kept = [row for row in rows if row not in old]
    return _set(zone, kept, [spec], rows, replace=False), merged


def _set(
    zone: str, rows: Sequence[Row], specs: Sequence[RecordSpec], ttls: Sequence[Row], *, replace: bool
) -> list[Row]:
    """``rows`` with ``specs``; what cannot stand beside them goes, and with ``replace`` all others of that
    name and type. An RRset keeps the TTL it has in ``ttls``."""
    result = list(rows)
    wanted = [changeset.canonical_row(spec, zone) for spec in specs]
    if replace:
        mine, names = {row.identity for row in wanted}, {row.rrset for row in wanted}
        result = [row for row in result if row.rrset not in names or row.identity in mine]
    for new in wanted:
        result = [row for row in result if not _in_the_way(row, new)]
        if all(row.identity != new.identity for row in result):
            ttl = next((row.ttl for row in ttls if row.rrset == new.rrset), DEFAULT_TTL)
            result.append(new._replace(ttl=ttl))
    return result


def _in_the_way(row: Row, new: Row) -> bool:
    """RFC 1034 §3.6.2: a CNAME stands alone. RFC 7505 §3: so does a null MX among MX."""
    if row.owner != new.owner or row.identity == new.identity:
        return False
    return "CNAME" in {row.type, new.type} or (new.type == row.type == "MX" and row.rdata.endswith(" ."))


def _taken(rows: Sequence[Row], spec: RecordSpec) -> bool:
    """Whether a person has something at that name: theirs stays."""
    return any(row.owner == spec.owner and row.managed != spec.managed for row in rows)


def _leads(row: Row, hosts: Collection[str]) -> bool:
    """Mail programs, to what the panel keeps for them or to one of ``hosts``."""
    target = rdata.target(row.type, row.rdata).removesuffix(".")
    known = row.managed in {managed.SRV, managed.AUTOCONFIG} or target in hosts
    return row.owner in PROGRAM_NAMES and known


def filler(zone: str, answers: Mapping[str, str]) -> Callable[[str], str]:
    """Puts ``{name}`` in, once: what a person typed is no template itself."""
    known = {"domain": zone, "dashes": zone.replace(".", "-")}

    def fill(text: str) -> str:
        return _HOLE.sub(lambda hole: known.get(hole[1], hole[0]), text)

    known |= {name: text for name, text in answers.items() if text}
    return fill


def value_of(ask: Ask, typed: str) -> str:
    """As providers show it: with a dot at the end or not."""
    typed = typed.strip()
    return f"{typed.removesuffix('.')}." if ask.makes == "CNAME" else typed
