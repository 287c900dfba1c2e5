"""Networks that people type: where a password may be used from."""

from __future__ import annotations

import ipaddress
import re

from django.utils.translation import gettext as _

from lib.errors import Refused

MOST = 64  # nodeagent.patterns.NETWORKS_MAX
_BETWEEN = re.compile(r"[\s,;]+")


def networks_of(text: str) -> list[str]:
    """``192.0.2.7, 198.51.100.0/24`` → CIDR texts, each once. Raises Refused at ``networks``."""
    words = [word for word in _BETWEEN.split(text.strip()) if word]
    if len(words) > MOST:
        raise Refused(
            _("At most %(most)d networks. Write fewer, or larger ones.") % {"most": MOST}, "networks"
        )
    found: list[str] = []
    for word in words:
        try:
            network = str(ipaddress.ip_network(word.strip("[]")))
        except ValueError:
            raise Refused(_wrong(word), "networks") from None
        if network not in found:
            found.append(network)
    return found


def networks_text(networks: list[str]) -> str:
    """As people type them: a single address without its /32 or /128."""
    return ", ".join(text.removesuffix("/128" if ":" in text else "/32") for text in networks)


def _wrong(word: str) -> str:
    try:
        right = str(ipaddress.ip_network(word, strict=False))
    except ValueError:
        return _("“%(word)s” is no address. Write numbers such as 192.0.2.7 or 198.51.100.0/24.") % {
            "word": word[:60]
        }
    return _("“%(word)s” is not where a network begins. Did you mean %(right)s?") % {
        "word": word[:60],
        "right": right,
    }
