"""What is wrong with the SPF, DMARC and DKIM records of one name. Pure; nothing is looked up."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

Fault = tuple[str, str]
"""Code and words."""

LOOKUPS_MAX = 10  # RFC 7208 §4.6.4
_LOOKS_UP = {"include", "a", "mx", "ptr", "exists", "redirect"}
_MECHANISM = re.compile(
    r"[+?~-]?(?:all|(?:include|exists):\S+|(?:a|mx)(?::[^/\s]+)?(?:/[0-9]{1,3})?(?://[0-9]{1,3})?"
    r"|ptr(?::\S+)?|ip4:[0-9.]+(?:/[0-9]{1,2})?|ip6:[0-9a-f:.]+(?:/[0-9]{1,3})?)",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"[a-z][a-z0-9_.-]*=\S*", re.IGNORECASE)


def is_spf(text: str) -> bool:
    """RFC 7208 §4.5."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def is_dmarc(text: str) -> bool:
    """RFC 7489 §6.3."""
    return re.match(r"v\s*=\s*DMARC1\s*(;|$)", text) is not None


def faults(owner: str, texts: Sequence[str]) -> Iterator[Fault]:
    """``texts``: the joined TXT records of ``owner`` (relative to its zone)."""
    policies = [text for text in texts if is_spf(text)]
    if len(policies) > 1:
        yield (
            "spf_twice",
            _(
                "There are two SPF records, and then other servers use neither: mail may be taken for "
                "forged. Merge them into one."
            ),
        )
    for text in policies:
        yield from _spf(text)
    if owner.split(".", maxsplit=1)[0] == "_dmarc" and sum(map(is_dmarc, texts)) > 1:
        yield "dmarc_twice", _("There are two DMARC records, and then other servers use neither. Keep one.")
    if owner.endswith("._domainkey") or "._domainkey." in owner:
        for text in texts:
            yield from _dkim(text)


def _spf(text: str) -> Iterator[Fault]:
    terms = text.split()[1:]
    unknown = [term for term in terms if not (_MECHANISM.fullmatch(term) or _MODIFIER.fullmatch(term))]
    if unknown:
        yield (
            "spf_syntax",
            _(
                "“%(term)s” is nothing that SPF knows, so other servers ignore the whole record. Correct it "
                "or take it out."
            )
            % {"term": unknown[0][:60]},
        )
    count = lookups(text)
    if count > LOOKUPS_MAX:
        yield (
            "spf_lookups",
            _(
                "This SPF record needs %(count)d look-ups or more, and 10 are allowed: other servers give up "
                "and may refuse the mail. Take out what no longer sends for you."
            )
            % {"count": count},
        )
    if any(term.lower() in ("all", "+all") for term in terms):
        yield (
            "spf_allows_all",
            _(
                "“+all” lets everybody send in your name, so the record protects nobody. End it with ~all or "
                "-all."
            ),
        )


def lookups(text: str) -> int:
    """How many look-ups an SPF record costs as far as it can be seen: those inside an include come on top."""
    kinds = [re.split(r"[:/=]", term.lstrip("+?~-"), maxsplit=1)[0].lower() for term in text.split()[1:]]
    return sum(kind in _LOOKS_UP for kind in kinds)


def _dkim(text: str) -> Iterator[Fault]:
    """RFC 6376 §3.6.1."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if part.strip() and not equals:
            yield _dkim_fault()
            return
        tags[name.strip()] = re.sub(r"\s", "", value)
    if tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags or not _is_base64(tags["p"]):
        yield _dkim_fault()


def _dkim_fault() -> Fault:
    return (
        "dkim_syntax",
        _(
            "This is no DKIM key that other servers can read, so signatures with it fail. Copy the whole "
            "value again."
        ),
    )


def _is_base64(text: str) -> bool:
    """An empty key is one that was withdrawn."""
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True
