"""What the spam filter found, in plain words. Pure; the names are rspamd's, the options hostile text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from delivery import text
from delivery.explain import Text

SHOWN = 12
_SIGNED = re.compile(r"([\w.-]{1,253}):s=([\w.-]{1,63})")

SPF: Mapping[str, Text] = {
    "R_SPF_ALLOW": _l("SPF passed: the sender’s domain allows the server it came from."),
    "R_SPF_FAIL": _l("SPF failed: the sender’s domain does not allow the server it came from."),
    "R_SPF_SOFTFAIL": _l("SPF doubtful: the sender’s domain does not name the server it came from."),
    "R_SPF_NEUTRAL": _l("SPF: the sender’s domain does not say which servers may send for it."),
    "R_SPF_NA": _l("SPF: the sender’s domain publishes none."),
    "R_SPF_DNSFAIL": _l("SPF could not be looked up."),
    "R_SPF_PERMERROR": _l("SPF: the record of the sender’s domain has a mistake."),
}
DKIM: Mapping[str, Text] = {
    "R_DKIM_ALLOW": _l("DKIM passed: a valid signature, so nobody changed it on its way."),
    "R_DKIM_REJECT": _l("DKIM failed: the signature does not match."),
    "R_DKIM_TEMPFAIL": _l("DKIM could not be checked."),
    "R_DKIM_PERMFAIL": _l("DKIM: the key of the signature is missing or broken."),
    "R_DKIM_NA": _l("DKIM: not signed."),
}
DMARC: Mapping[str, Text] = {
    "DMARC_POLICY_ALLOW": _l("DMARC passed: the From address is proven."),
    "DMARC_POLICY_REJECT": _l("DMARC failed: the owner of the From address asks to refuse such mail."),
    "DMARC_POLICY_QUARANTINE": _l("DMARC failed: the owner of the From address asks to treat it as spam."),
    "DMARC_POLICY_SOFTFAIL": _l("DMARC failed: the owner of the From address asks for nothing."),
    "DMARC_NA": _l("DMARC: the domain of the From address publishes none."),
    "DMARC_BAD_POLICY": _l("DMARC: the record of the sender’s domain has a mistake."),
    "DMARC_DNSFAIL": _l("DMARC could not be looked up."),
}
SYMBOLS: Mapping[str, Text] = {
    "GTUBE": _l("The text that tests spam filters"),
    "BAYES_SPAM": _l("Its words are like those of mails that were marked as spam"),
    "BAYES_HAM": _l("Its words are like those of wanted mails"),
    "MISSING_SUBJECT": _l("No subject"),
    "EMPTY_SUBJECT": _l("An empty subject"),
    "SUBJ_ALL_CAPS": _l("A subject in capitals"),
    "MISSING_DATE": _l("No date"),
    "DATE_IN_FUTURE": _l("A date in the future"),
    "DATE_IN_PAST": _l("A date long past"),
    "MISSING_MID": _l("No Message-ID"),
    "INVALID_MSGID": _l("A Message-ID that is none"),
    "MISSING_TO": _l("No To header"),
    "MISSING_FROM": _l("No From header"),
    "MULTIPLE_FROM": _l("Several From headers"),
    "BROKEN_HEADERS": _l("Broken headers"),
    "FORGED_SENDER": _l("The From address is not the one that it was sent from"),
    "FROM_NEQ_ENVFROM": _l("The From address is not the one that it was sent from"),
    "FROM_EQ_ENVFROM": _l("The From address is the one that it was sent from"),
    "FORGED_RECIPIENTS": _l("The To header does not name whom it was sent to"),
    "FREEMAIL_FROM": _l("From a free mail service"),
    "FREEMAIL_ENVFROM": _l("Sent from a free mail service"),
    "SPOOF_DISPLAY_NAME": _l("The sender’s name pretends to be another address"),
    "FROM_NAME_HAS_TITLE": _l("A title in the sender’s name"),
    "RDNS_NONE": _l("The sending server has no name in the DNS"),
    "RDNS_DNSFAIL": _l("The sending server’s name could not be looked up"),
    "HFILTER_HOSTNAME_UNKNOWN": _l("The sending server’s name is not known"),
    "HFILTER_HELO_BAREIP": _l("The sending server gives a bare number as its name"),
    "HFILTER_HELO_NORES_A_OR_MX": _l("The name that the sending server gives does not exist"),
    "ONCE_RECEIVED": _l("It came through a single server"),
    "MIME_HTML_ONLY": _l("Only HTML, no plain text"),
    "MIME_GOOD": _l("An ordinary kind of text"),
    "MIME_BAD_ATTACHMENT": _l("An attachment of a dangerous kind"),
    "MIME_ARCHIVE_IN_ARCHIVE": _l("An archive inside an archive"),
    "HTML_SHORT_LINK_IMG_1": _l("Little text, a link and a picture"),
    "R_SUSPICIOUS_URL": _l("A suspicious link"),
    "PHISHING": _l("A link that leads elsewhere than it says"),
    "URL_IN_SUBJECT": _l("A link in the subject"),
    "DBL_SPAM": _l("A link to a domain on a blocklist"),
    "URIBL_BLACK": _l("A link to a domain on a blocklist"),
    "SURBL_BLOCKED": _l("A blocklist of links did not answer us"),
    "RBL_SPAMHAUS_SBL": _l("The sending server is on Spamhaus’ blocklist"),
    "RBL_SPAMHAUS_XBL": _l("The sending computer is on Spamhaus’ list of infected ones"),
    "RBL_SPAMHAUS_PBL": _l("Sent straight from a home connection"),
    "RCVD_IN_DNSWL_MED": _l("The sending server is on a list of trusted ones"),
    "RCVD_IN_DNSWL_HI": _l("The sending server is on a list of trusted ones"),
    "BULK": _l("Sent to many"),
    "PRECEDENCE_BULK": _l("Sent to many"),
    "HAS_LIST_UNSUB": _l("It says how to unsubscribe"),
    "GREYLIST": _l("From a sender who was new here"),
    "LOCAL_WL_IP": _l("From a trusted address"),
    "WHITELIST_SPF_DKIM": _l("From a trusted domain, and proven"),
    "ARC_ALLOW": _l("Sent on by a server that vouches for it"),
    "ARC_REJECT": _l("The server that sent it on vouches wrongly"),
}
ACTIONS: Mapping[str, Text] = {
    "no action": _l("Not spam."),
    "greylist": _l("Not sure: the sender’s server was asked to come again."),
    "add header": _l("Marked as spam."),
    "rewrite subject": _l("Marked as spam."),
    "soft reject": _l("Put off for now."),
    "reject": _l("Refused as spam."),
}
MARKED = frozenset({"add header", "rewrite subject", "reject"})


@dataclass(frozen=True, slots=True)
class Symbol:
    """``score``: signed, as shown; ``said``: in words, or empty; ``options``: inert."""

    name: str
    score: str
    said: Text
    options: str
    weight: float


def symbols_of(verdict: Mapping[str, Any]) -> list[Symbol]:
    """The weightiest first; those that weigh nothing are left out."""
    found = []
    for name, score, options in _triples(verdict):
        if score:
            said = SYMBOLS.get(name) or SPF.get(name) or DKIM.get(name) or DMARC.get(name) or ""
            found.append(Symbol(name, points(score, signed=True), said, options, abs(score)))
    return sorted(found, key=lambda one: -one.weight)[:SHOWN]


def proofs(verdict: Mapping[str, Any]) -> list[Text]:
    """What SPF, DKIM and DMARC said, one sentence each."""
    names = {name for name, *_rest in _triples(verdict)}
    return [said for table in (SPF, DKIM, DMARC) for name, said in table.items() if name in names]


def signed(verdict: Mapping[str, Any]) -> tuple[str, str] | None:
    """(domain, selector) of our own signature; empty when only known that there is one."""
    for name, _score, options in _triples(verdict):
        if name == "DKIM_SIGNED":
            found = _SIGNED.search(options)
            return (found[1], found[2]) if found else ("", "")
    return None


def verdict_said(verdict: Mapping[str, Any]) -> str:
    score, required = verdict.get("score"), verdict.get("required")
    if not isinstance(score, int | float):
        return ""
    if not isinstance(required, int | float):
        return _("%(score)s points.") % {"score": points(score)}
    said = {"score": points(score), "required": points(required)}
    return _("%(score)s points; it is refused from %(required)s.") % said


def points(number: float, *, signed: bool = False) -> str:
    shown: str = number_format(round(abs(number), 2))
    return f"{'−' if number < 0 else '+' if signed else ''}{shown}"


def _triples(verdict: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    symbols = verdict.get("symbols")
    found: list[tuple[str, float, str]] = []
    for one in symbols if isinstance(symbols, list) else []:
        if isinstance(one, list | tuple) and len(one) >= 2 and isinstance(one[0], str):
            score = float(one[1]) if isinstance(one[1], int | float) else 0.0
            options = one[2] if len(one) > 2 and isinstance(one[2], str) else ""
            found.append((text.inert(one[0])[:60], score, text.inert(options)[:200]))
    return found
