"""SPF records (RFC 7208) read term by term, and a provider's ``include`` merged into one. Pure.

What a person wrote stays, in its order and in its own spelling, macros too. What no receiver can read makes
the whole
record worthless (§4.6: permerror), so it is left out and named.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

VERSION = "v=spf1"
LOOKUPS_MAX = 10  # RFC 7208 §4.6.4: more is a permanent error
TERM_MAX = 400  # a name has 253 at most; the rest is room for macros
_ASKS = {"include", "a", "mx", "ptr", "exists", "redirect"}  # terms that cost a look-up, RFC 7208 §4.6.4
# RFC 7208 §7.1: %{letter digits r delimiters}, %%, %_, %-, or a printable character.
_MACRO = r"(?:%\{[slodiphcrtvSLODIPHCRTV][0-9]*[rR]?[.+,/_=-]*\}|%%|%_|%-|[\x21-\x24\x26-\x7e])"
_MACROS = re.compile(_MACRO + "*")
# domain-spec ends in a top label or in a macro.
_DOMAIN = re.compile(
    _MACRO
    + r"*?(?:\.[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*\.?|%\{[slodiphcrtvSLODIPHCRTV][0-9]*[rR]?[.+,/_=-]*\})"
)
_CIDR = re.compile(r"(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?")
_DIRECTIVE = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9]*)(.*)", re.DOTALL)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Term:
    """``text`` as written. ``name`` in lower case. ``qualifier`` one of ``+ - ~ ?``, empty for a modifier.
    ``domain``: lower case, no last dot; empty where none is written."""

    text: str
    name: str
    qualifier: str
    domain: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Equal for terms that say the same."""
        return self.name, (self.text.lower().lstrip("+").removesuffix("."))


@dataclass(frozen=True, slots=True)
class Merged:
    """``text``: the one record to publish. ``left_out``: terms of the old ones that
    nobody can read. ``before``: how many SPF records there were. ``lookups``: what its own terms cost."""

    text: str
    left_out: tuple[str, ...]
    before: int
    lookups: int


def is_spf(text: str) -> bool:
    """RFC 7208 §4.5: the version, then a blank or nothing."""
    head, blank, _rest = text.partition(" ")
    return head.lower() == VERSION and (bool(blank) or head == text)


def terms(text: str) -> tuple[list[Term], list[str]]:
    """The readable terms of an SPF record in order, and what is none."""
    found: list[Term] = []
    broken: list[str] = []
    for part in text.split(" ")[1:]:
        if not part:
            continue
        term = _term(part)
        once = term is not None and term.name in {"redirect", "exp"} and not term.qualifier
        if term is None or (once and any(other.name == term.name for other in found)):
            broken.append(part)
        else:
            found.append(term)
    return found, broken


def is_valid(text: str) -> bool:
    return is_spf(text) and not terms(text)[1]


def lookups(text: str) -> int:
    """How many look-ups the terms of this record cost, without those that they lead to."""
    found, _broken = terms(text)
    has_all = any(_is_all(term) for term in found)
    return sum(term.name in _ASKS and not (term.name == "redirect" and has_all) for term in found)


def all_lookups(text: str, fetch: Callable[[str], Sequence[str]], *, most: int = 40) -> int:
    """As a receiver counts them, with the records that it leads to. ``fetch``: a name → its TXT values; names
    with macros are not followed. Stops at ``most``, so that no record can hold us."""
    count, waiting, seen = 0, [text], {""}
    while waiting and count < most:
        now = waiting.pop()
        count += lookups(now)
        for term in terms(now)[0]:
            if term.name in {"include", "redirect"} and "%" not in term.domain and term.domain not in seen:
                seen.add(term.domain)
                waiting += [value for value in fetch(term.domain) if is_spf(value)][:1]
    return count


def includes(text: str) -> list[str]:
    """The names that this record takes in with a pass, and what it leads on to."""
    return [
        term.domain
        for term in terms(text)[0]
        if (term.name == "include" and term.qualifier == "+") or term.name == "redirect"
    ]


def merge(texts: Iterable[str], *, add: Sequence[str] = (), drop: Iterable[str] = ()) -> Merged:
    """One record out of those that are there (``texts``, SPF records only): with each name in ``add``
    included before ``all`` and whatever would fail it, without the names in ``drop``. A new record, or one
    whose ``redirect``
    went, ends in ``~all``."""
    texts = list(texts)
    gone = {name.lower().removesuffix(".") for name in drop} - {name.lower() for name in add}
    kept, dead, broken, redirected = _joined(texts, gone)
    for name in add:
        _include(kept, name)
    ends = any(_is_all(term) or term.name == "redirect" for term in kept)
    if not ends and (not texts or redirected):
        kept.append(Term("~all", "all", "~"))
    text = " ".join([VERSION, *(term.text for term in [*kept, *dead])])
    return Merged(text, tuple(broken), len(texts), lookups(text))


def _joined(texts: Sequence[str], gone: set[str]) -> tuple[list[Term], list[Term], list[str], bool]:
    """The terms of all records in a row, then the first ``all``, ``redirect`` and ``exp`` alone; what stood
    behind an ``all`` and so is never looked at (§5.1); what is broken; whether a redirect was dropped."""
    head: list[Term] = []
    tail: list[Term] = []
    dead: list[Term] = []
    broken: list[str] = []
    redirected = False
    for text in texts:
        found, bad = terms(text)
        broken += bad
        over = False
        for term in found:
            if term.name in {"include", "redirect"} and term.domain in gone:
                redirected |= term.name == "redirect"
                continue
            ends = _is_all(term) or not term.qualifier  # modifiers may stand anywhere (§6)
            place = tail if ends and not (over and term.qualifier) else dead if over else head
            if all(other.key != term.key and not (ends and other.name == term.name) for other in place):
                place.append(term)
            over |= _is_all(term)
    return [*head, *tail], dead, broken, redirected


def _include(kept: list[Term], name: str) -> None:
    """Before what ends the record, and before an include of the same name that does not pass."""
    same = [i for i, term in enumerate(kept) if term.name == "include" and term.domain == name.lower()]
    if same and kept[same[0]].qualifier == "+":
        return
    last = [i for i, term in enumerate(kept) if _is_all(term) or not term.qualifier]
    at = min(same + last, default=len(kept))
    kept.insert(at, Term(f"include:{name}", "include", "+", name.lower()))


def _is_all(term: Term) -> bool:
    return term.name == "all" and bool(term.qualifier)


def _term(part: str) -> Term | None:
    """RFC 7208 §12. None: not readable."""
    if len(part) > TERM_MAX:
        return None
    directive = _DIRECTIVE.fullmatch(part)
    if directive and not _MODIFIER.fullmatch(part):
        qualifier, name, rest = directive[1] or "+", directive[2].lower(), directive[3]
        check = _MECHANISMS.get(name)
        domain = check(rest) if check else None
        return None if domain is None else Term(part, name, qualifier, domain)
    modifier = _MODIFIER.fullmatch(part)
    if not modifier or not _MACROS.fullmatch(modifier[2]):
        return None
    name, value = modifier[1].lower(), modifier[2]
    if name in {"redirect", "exp"} and not _DOMAIN.fullmatch(value):
        return None
    return Term(part, name, "", value.lower().removesuffix("."))


def _all(rest: str) -> str | None:
    return None if rest else ""


def _named(rest: str) -> str | None:
    """``:domain-spec``, which has to be there."""
    return _spec(rest[1:]) if rest.startswith(":") else None


def _maybe_named(rest: str) -> str | None:
    return _named(rest) if rest else ""


def _host(rest: str) -> str | None:
    """``[:domain-spec][/4-length][//6-length]``"""
    if not rest.startswith(":"):
        return "" if _lengths(rest) else None
    for at in range(len(rest), 1, -1):  # a slash may be part of a macro
        if rest[at : at + 1] in {"", "/"} and _lengths(rest[at:]) and (spec := _spec(rest[1:at])) is not None:
            return spec
    return None


def _spec(text: str) -> str | None:
    return text.lower().removesuffix(".") if _DOMAIN.fullmatch(text) else None


def _lengths(text: str) -> bool:
    match = _CIDR.fullmatch(text)
    return bool(match) and int(match[1] or 0) <= 32 and int(match[2] or 0) <= 128 if match else False


def _network(version: int) -> Callable[[str], str | None]:
    def check(rest: str) -> str | None:
        address, slash, length = rest[1:].partition("/")
        top = 32 if version == 4 else 128
        if not rest.startswith(":") or (slash and not re.fullmatch(r"0|[1-9][0-9]{0,2}", length)):
            return None
        try:
            right = ipaddress.ip_address(address).version == version and "%" not in address
        except ValueError:
            return None
        return "" if right and int(length or 0) <= top else None

    return check


_MECHANISMS: dict[str, Callable[[str], str | None]] = {
    "all": _all,
    "include": _named,
    "a": _host,
    "mx": _host,
    "ptr": _maybe_named,
    "ip4": _network(4),
    "ip6": _network(6),
    "exists": _named,
}
