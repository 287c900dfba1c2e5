"""Why the filter took a mail for spam, in plain words. Pure: what strangers wrote goes out as text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

RULE = re.compile(r"([A-Z0-9_.-]{2,40})\((-?[0-9]{1,5}\.[0-9])\)", re.IGNORECASE)
# By the beginning of a rule's name, the longest that fits.
SAYS: dict[str, str | Promise] = {
    "TEST_PATTERN": gettext_lazy("It holds the pattern that spam filters are tested with"),
    "BAYES_SPAM": gettext_lazy("It reads like mail that people here called spam"),
    "BAYES_HAM": gettext_lazy("It reads like mail that people here called no spam"),
    "R_SPF_FAIL": gettext_lazy("The server that sent it may not send for this domain (SPF)"),
    "R_SPF_SOFTFAIL": gettext_lazy("The server that sent it probably may not send for this domain (SPF)"),
    "R_SPF_ALLOW": gettext_lazy("The server that sent it may send for this domain (SPF)"),
    "R_DKIM_REJECT": gettext_lazy("Its signature is wrong (DKIM)"),
    "R_DKIM_ALLOW": gettext_lazy("Its signature is right (DKIM)"),
    "DMARC_POLICY_ALLOW": gettext_lazy("Its domain says that it sent this (DMARC)"),
    "DMARC_POLICY": gettext_lazy("Its domain says that it did not send this (DMARC)"),
    "MISSING_": gettext_lazy("It lacks what a proper mail program writes at its top"),
    "MIME_BAD": gettext_lazy("It carries a kind of file that is often harmful"),
    "MIME_": gettext_lazy("Its parts are put together in an unusual way"),
    "PHISH": gettext_lazy("A link leads elsewhere than it says"),
    "SUBJ": gettext_lazy("Its subject is written as spammers do"),
    "URL": gettext_lazy("Its links look odd"),
    "FORGED": gettext_lazy("It pretends to be from another program or sender"),
    "FAKE": gettext_lazy("It pretends to be an answer"),
    "MULTIPLE_FROM": gettext_lazy("It names several senders"),
    "BITCOIN": gettext_lazy("It asks for money in a way blackmailers do"),
    "LEAKED": gettext_lazy("It asks for money in a way blackmailers do"),
    "HTML": gettext_lazy("Its layout hides text or is only a picture"),
    "ZERO_FONT": gettext_lazy("Its layout hides text or is only a picture"),
    "FREEMAIL": gettext_lazy("It wants the answer at another address"),
    "R_MIXED_CHARSET": gettext_lazy("It mixes letters of several scripts"),
    "MV_CASE": gettext_lazy("It lacks what a proper mail program writes at its top"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    text: str
    score: float


def reasons(rules: str, listed: str = "") -> list[Reason]:
    """From X-Spam-Rules (deploy/rspamd/rules.lua): what told against the mail, the heaviest first."""
    if listed == "denied":
        return [Reason(_("The sender is on the Denylist"), 0.0)]
    found: dict[str, float] = {}
    for name, score in RULE.findall(rules):
        if float(score) > 0:
            text = _says(name.upper())
            found[text] = found.get(text, 0.0) + float(score)
    ordered = sorted(found.items(), key=lambda one: -one[1])
    return [Reason(text, round(score, 1)) for text, score in ordered[:5]]


def _says(name: str) -> str:
    fits = [start for start in SAYS if name.startswith(start)]
    return (
        str(SAYS[max(fits, key=len)]) if fits else _("Something about its form (%(rule)s)") % {"rule": name}
    )


def strictness(threshold: int) -> str:
    if threshold <= 4:
        return _("strict")
    return _("normal") if threshold <= 7 else _("relaxed")
