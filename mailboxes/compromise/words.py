"""Signs in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def words(sign: Mapping[str, Any]) -> str:
    """Of one sign (panel.compromise.signs.Sign as JSON)."""
    n, usual, where = int(sign.get("n", 0)), int(sign.get("usual", 0)), str(sign.get("network", ""))
    kind = sign.get("kind")
    if kind == "spike":
        text = _("%(n)s recipients within 10 minutes; the most in an hour before was %(usual)s.")
        return text % {"n": n, "usual": usual}
    if kind == "guessed":
        text = _("%(n)s wrong passwords, and then the right one from the same network (%(where)s).")
        return text % {"n": n, "where": where}
    if kind == "network":
        text = _(
            "A sign-in from a network that was never seen before (%(where)s), and %(n)s recipients at once."
        )
        return text % {"n": n, "where": where}
    if kind == "unknown":
        return ngettext(
            "%(n)s recipient within 10 minutes does not exist: lists that are bought or guessed look so.",
            "%(n)s recipients within 10 minutes do not exist: lists that are bought or guessed look so.",
            n,
        ) % {"n": n}
    return _("Something unusual was seen.")
