"""Addresses as people type them where mail shall go."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from lib.errors import Refused
from lib.names import normalise_domain
from lib.quotes import quoted

MOST = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
TARGETS_MAX = 500
OUTSIDE_MAX = 30  # Dovecot: sieve_max_redirects
TYPED_MAX = 40_000  # characters of the whole list
_SEPARATORS = re.compile(r"[\s,;]+")
_LOCAL = re.compile(r"[a-z0-9!#$%&'*/=?^_`{}~+-]+(\.[a-z0-9!#$%&'*/=?^_`{}~+-]+)*\Z")


def targets_of(text: str) -> list[str]:
    """One or more addresses, each on a line of its own or with commas between, each once. Raises Refused at
    targets, and names the one that is wrong."""
    if len(text) > TYPED_MAX:
        raise Refused(
            _("That is too much text. At most %(n)d addresses fit.") % {"n": TARGETS_MAX}, "targets"
        )
    _special(text.strip())
    found = list(dict.fromkeys(address_of(word) for word in _SEPARATORS.split(text) if word))
    if not found:
        raise Refused(_("Write at least one address where the mail shall go."), "targets")
    if len(found) > TARGETS_MAX:
        raise Refused(
            _("At most %(most)d addresses fit; these are %(n)d.") % {"most": TARGETS_MAX, "n": len(found)},
            "targets",
        )
    return found


def address_of(word: str) -> str:
    """In lower case, the domain in A-labels. Raises Refused at targets."""
    _special(word)
    shown = word if len(word) <= 60 else f"{word[:56]}…"
    local, at, domain = word.strip("<>").lower().rpartition("@")
    if not at:
        raise _wrong(_("“%(word)s” is no whole address. Write it like ana@example.com."), shown)
    if not _LOCAL.match(local) or len(local) > 64:
        raise _wrong(_("“%(word)s” is no address that mail could be sent to."), shown)
    try:
        name, _shown = normalise_domain(domain)
    except Refused as refused:
        raise Refused(quoted(shown) + ": " + refused.message, "targets") from None
    address = f"{local}@{name}"
    if len(address) > MOST:
        raise _wrong(_("“%(word)s” is too long for an address."), shown)
    return address


def _special(word: str) -> None:
    """What other mail servers make of such a line, this one never does."""
    if word.startswith("|") or word.startswith('"|'):
        raise Refused(_("Mail is never given to a program here. Write an e-mail address."), "targets")
    if word.startswith("/"):
        raise Refused(_("Mail is never written into a file here. Write an e-mail address."), "targets")
    if word.lower().startswith(":include:"):
        raise Refused(_("Lists are never read from files here. Write the addresses themselves."), "targets")


def _wrong(text: str, shown: str) -> Refused:
    return Refused(text % {"word": shown}, "targets")
