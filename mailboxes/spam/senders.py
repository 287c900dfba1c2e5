"""A sender as people write one for a list: an address, a domain, or everything below a domain. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from lib.errors import Refused
from lib.names import normalise_domain

# RFC 5321 §4.1.2, a dot-string: what a quoted one may hold besides nobody writes on a list.
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LONGEST = 254


def normalise_sender(text: str) -> str:
    """``ana@example.org``, ``@example.org`` or ``*.example.org``, in lower-case A-labels. Raises Refused with
    field ``sender``."""
    typed = text.strip()
    if not typed:
        raise _wrong(_("Write an address such as ana@example.org, or a domain such as @example.org."))
    if typed.startswith("*."):
        return f"*.{_domain(typed[2:])}"
    local, at, domain = typed.rpartition("@")
    if not local or local == "*":
        return f"@{_domain(domain if at else typed)}"
    if len(local) > 64 or not LOCAL.fullmatch(local):
        raise _wrong(_("This is no address. Write one such as ana@example.org, without a name beside it."))
    found = f"{local.lower()}@{_domain(domain)}"
    if len(found) > LONGEST:
        raise _wrong(_("This address is longer than mail allows."))
    return found


def _domain(text: str) -> str:
    try:
        return normalise_domain(text)[0]
    except Refused as refused:
        raise _wrong(refused.message) from None


def _wrong(message: str) -> Refused:
    return Refused(message, "sender")
