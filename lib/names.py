"""Names that people type: domains and the part of an address before the @."""

from __future__ import annotations

import re

import idna

from lib.errors import Refused
from lib.said import gettext as _

LABEL = 63  # octets, RFC 1035 §2.3.4
NAME = 253  # characters of a name without its last dot, RFC 1035 §2.3.4
LOCAL = 64  # octets, RFC 5321 §4.5.3.1.1
_TYPED = 300  # nothing longer is worth normalising
_DOTS = str.maketrans(
    "\u3002\uff0e\uff61", "..."
)  # full stops of other scripts, RFC 3490 §3.1; UTS 46 maps them too
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LOCAL_CHARACTER = re.compile(r"[a-z0-9._-]")


def normalise_domain(text: str) -> tuple[str, str]:
    """A domain in any form people write it → (A-labels, lower case, no last dot; what people read).

    UTS 46 non-transitional mapping, then IDNA 2008 (RFC 5891); letters, digits, hyphens (RFC 1123 §2.1).
    Raises Refused with field ``name``.
    """
    typed = text.strip()
    _refuse_other_things(typed)
    dotted = typed.translate(_DOTS).removesuffix(".")
    if not dotted:
        raise _wrong(_("Type the domain’s name, like example.com."))
    labels = _mapped(dotted).split(".")
    if any(not label for label in labels):
        raise _wrong(_("There is a dot too many. Type the name like example.com."))
    if len(labels) == 1:
        raise _wrong(
            _("That is only one word. Type the whole name, like %(word)s.com.") % {"word": labels[0][:LABEL]}
        )
    if _NUMBER.fullmatch(labels[-1]):
        raise _wrong(_("That is an address made of numbers. Type a name, like example.com."))
    name = ".".join(_a_label(label) for label in labels)
    if len(name) > NAME:
        raise _wrong(_("A domain’s name has at most 253 characters; this one has %(n)s.") % {"n": len(name)})
    return name, display_domain(name)


def display_domain(name: str) -> str:
    """A-labels as people read them; a label that is no valid IDNA 2008 stays as it is."""
    return ".".join(_u_label(label) for label in name.split("."))


def normalise_local(text: str) -> str:
    """A mailbox before its @: lower case, a letter or digit first, then letters, digits and ``. _ -``.

    Narrower than RFC 5321 §4.1.2 allows on purpose: these names are typed on phones and become folders.
    Raises Refused with field ``local``.
    """
    local = text.strip()
    if not local:
        raise _no_local(_("Type what comes before the @, like ana."))
    if "@" in local:
        raise _no_local(_("Type only what comes before the @; the domain is already there."))
    if len(local) > LOCAL:
        raise _no_local(_("At most 64 characters fit before the @; this has %(n)s.") % {"n": len(local)})
    local = local.lower()
    if "+" in local[1:]:
        # RFC 5233: what follows is a detail of the mailbox before it, and both servers are set up so.
        raise _no_local(_plus(local))
    for character in local:
        if not _LOCAL_CHARACTER.match(character):
            raise _no_local(_bad_character(character))
    if not local[0].isalnum():
        raise _no_local(_("Begin with a letter or a digit, not with “%(c)s”.") % {"c": local[0]})
    if local.endswith("."):
        raise _no_local(_("An address cannot have a dot right before the @. Take it away."))
    if ".." in local:
        raise _no_local(_("Two dots in a row are not possible in an address. Use one."))
    return local


def _plus(local: str) -> str:
    box = local.partition("+")[0]
    return _(
        "Mail to %(local)s already arrives at %(box)s: a + begins a tag. Make the mailbox %(box)s, or use "
        "a hyphen."
    ) % {
        "local": local,
        "box": box,
    }


def _bad_character(character: str) -> str:
    allowed = _("Use letters a to z, digits, dots, hyphens and underscores.")
    if character.isspace() or not character.isprintable():
        return _("Spaces and invisible characters are not possible in an address.") + " " + allowed
    if character.isalpha():
        return (
            _("The letter “%(c)s” is not possible here: many mail servers refuse it.") % {"c": character}
            + " "
            + allowed
        )
    return _("“%(c)s” is not possible in a mailbox’s name.") % {"c": character} + " " + allowed


def _refuse_other_things(typed: str) -> None:
    """What people paste into the field that is more than a name."""
    if len(typed) > _TYPED:
        raise _wrong(_("A domain’s name has at most 253 characters; this one has %(n)s.") % {"n": len(typed)})
    if "@" in typed:
        raise _wrong(_("That is an e-mail address. Type only what comes after the @."))
    if "/" in typed or "\\" in typed:
        raise _wrong(_("That is a web address. Type only the name, like example.com."))
    if ":" in typed:
        raise _wrong(_("Type only the name, without a port or numbers after a colon."))
    if any(character.isspace() or not character.isprintable() for character in typed):
        raise _wrong(_("There is a space or an invisible character in the name. Type it without."))


def _mapped(dotted: str) -> str:
    """UTS 46: case folded, compatibility characters (full-width letters and the like) replaced."""
    try:
        return idna.uts46_remap(dotted, std3_rules=True, transitional=False)
    except idna.IDNAError:
        bad = next((c for c in dotted if not _fits(c)), dotted[:1])
        raise _wrong(_("“%(c)s” is not possible in a domain’s name.") % {"c": bad}) from None


def _fits(character: str) -> bool:
    try:
        idna.uts46_remap(character, std3_rules=True, transitional=False)
    except idna.IDNAError:
        return False
    return True


def _a_label(label: str) -> str:
    shown = label if len(label) <= 24 else f"{label[:20]}…"
    if label.startswith("-") or label.endswith("-"):
        raise _wrong(_("“%(label)s” begins or ends with a hyphen, which no domain may.") % {"label": shown})
    try:
        encoded = idna.alabel(label).decode("ascii")
    except idna.IDNAError as error:
        if "too long" in str(error).lower():
            raise _wrong(_too_long(shown)) from None
        raise _wrong(_("“%(label)s” is not possible in a domain’s name.") % {"label": shown}) from None
    if len(encoded) > LABEL:
        raise _wrong(_too_long(shown))
    return encoded


def _too_long(shown: str) -> str:
    return _("“%(label)s” is too long: at most 63 characters fit between two dots.") % {"label": shown}


def _u_label(label: str) -> str:
    try:
        return idna.ulabel(label)
    except idna.IDNAError:
        return label


def _wrong(message: str) -> Refused:
    return Refused(message, "name")


def _no_local(message: str) -> Refused:
    return Refused(message, "local")
