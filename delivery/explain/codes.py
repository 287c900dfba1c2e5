"""The codes of answers in words. Pure.

Sources: RFC 3463 (class, subject, detail), RFC 5321 §4.2.3 (reply codes), RFC 5248's registry with RFC 4954,
6531, 6710, 7293, 7372, 7504, 7505, 8601, 8617 and 8689."""

from __future__ import annotations

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import Text

_DSN = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\Z")
CLASSES: dict[str, Text] = {
    "2": _("it worked"),
    "4": _("not now, but perhaps later"),
    "5": _("refused for good"),
}
SUBJECTS: dict[str, Text] = {
    "0": _("no particular reason"),
    "1": _("something about an address"),
    "2": _("something about the mailbox"),
    "3": _("something about the receiving server"),
    "4": _("something about the network or the way there"),
    "5": _("something about how the two servers talked"),
    "6": _("something about what is in the mail"),
    "7": _("something about security or a rule"),
}
DETAILS: dict[str, Text] = {
    "1.0": _("something about an address"),
    "1.1": _("nobody has this address"),
    "1.2": _("the domain does not exist or takes no mail"),
    "1.3": _("the address is not written correctly"),
    "1.4": _("the address fits more than one mailbox"),
    "1.5": _("the address is valid"),
    "1.6": _("the mailbox has moved"),
    "1.7": _("the sender’s address is not written correctly"),
    "1.8": _("the sender’s domain does not exist"),
    "1.9": _("the mail was passed on to a server that sends no reports"),
    "1.10": _("the domain says that it takes no mail (null MX)"),
    "2.0": _("something about the mailbox"),
    "2.1": _("the mailbox is switched off"),
    "2.2": _("the mailbox is full"),
    "2.3": _("the mail is too big for this mailbox"),
    "2.4": _("a mailing list could not be resolved"),
    "3.0": _("something about the receiving server"),
    "3.1": _("the receiving server has no room left"),
    "3.2": _("the receiving server takes no mail at the moment"),
    "3.3": _("the receiving server lacks something that the mail needs"),
    "3.4": _("the mail is too big for the receiving server"),
    "3.5": _("the receiving server is set up wrongly"),
    "4.0": _("something about the network"),
    "4.1": _("the receiving server does not answer"),
    "4.2": _("the connection broke"),
    "4.3": _("the domain could not be looked up"),
    "4.4": _("there is no way to the domain"),
    "4.5": _("the receiving system is overloaded"),
    "4.6": _("the mail goes round in circles"),
    "4.7": _("it took too long"),
    "5.0": _("something about how the two servers talked"),
    "5.1": _("a command came that does not fit"),
    "5.2": _("a command could not be read"),
    "5.3": _("too many recipients at once"),
    "5.4": _("a command had parameters that do not fit"),
    "5.5": _("the servers speak different versions"),
    "5.6": _("a line of the sign-in was too long"),
    "6.0": _("something about what is in the mail"),
    "6.1": _("the kind of content is not supported"),
    "6.2": _("the content would have to be converted, and must not be"),
    "6.3": _("the content would have to be converted, and cannot be"),
    "6.4": _("something was lost in conversion"),
    "6.5": _("converting failed"),
    "6.7": _("an address with letters beyond ASCII is not supported"),
    "6.8": _("the answer needs letters beyond ASCII"),
    "6.9": _("a header needs letters beyond ASCII"),
    "7.0": _("something about security"),
    "7.1": _("not allowed"),
    "7.2": _("sending to this list is not allowed"),
    "7.3": _("a security conversion is needed and not possible"),
    "7.4": _("a security feature is not supported"),
    "7.5": _("a cryptographic check failed"),
    "7.6": _("the cryptography is not supported"),
    "7.7": _("the mail was changed on its way"),
    "7.8": _("the sign-in was wrong"),
    "7.9": _("the way of signing in is too weak"),
    "7.10": _("encryption is needed"),
    "7.11": _("encryption is needed for this way of signing in"),
    "7.12": _("the password has to be changed once"),
    "7.13": _("the account is disabled"),
    "7.14": _("a trust relationship is needed"),
    "7.15": _("the priority is too low"),
    "7.16": _("the mail is too big for its priority"),
    "7.17": _("the mailbox has another owner now"),
    "7.18": _("the domain has another owner now"),
    "7.19": _("whether the owner changed cannot be checked"),
    "7.20": _("no DKIM signature holds"),
    "7.21": _("no DKIM signature is acceptable"),
    "7.22": _("no DKIM signature of the author’s domain holds"),
    "7.23": _("SPF did not pass"),
    "7.24": _("SPF could not be evaluated"),
    "7.25": _("the sending server’s name in DNS does not fit"),
    "7.26": _("several proofs of the sender failed"),
    "7.27": _("the sender’s domain says that it takes no mail (null MX)"),
    "7.28": _("the mail looks like part of a flood"),
    "7.29": _("the chain of proofs (ARC) does not hold"),
    "7.30": _("the encryption that the mail demands is not supported"),
}
REPLIES: dict[str, Text] = {
    "211": _("status"),
    "220": _("ready"),
    "221": _("closing the connection"),
    "235": _("signed in"),
    "250": _("done"),
    "251": _("passed on to another server"),
    "252": _("not checked, but will be tried"),
    "354": _("go on with the text"),
    "421": _("the server closes the connection for now"),
    "432": _("the password has to be changed once"),
    "450": _("the mailbox cannot be used at the moment"),
    "451": _("the server has trouble of its own at the moment"),
    "452": _("the server has no room at the moment"),
    "454": _("sign-in or encryption does not work at the moment"),
    "455": _("the server cannot do that at the moment"),
    "500": _("a command could not be read"),
    "501": _("a command had parameters that do not fit"),
    "502": _("the server does not know the command"),
    "503": _("a command came that does not fit"),
    "504": _("the server does not know a parameter"),
    "521": _("this server takes no mail"),
    "523": _("the mail is too big"),
    "530": _("a sign-in or encryption is needed"),
    "534": _("the way of signing in is too weak"),
    "535": _("the sign-in was wrong"),
    "538": _("encryption is needed for this way of signing in"),
    "541": _("refused by a rule"),
    "550": _("the mailbox cannot be used"),
    "551": _("the person is not on this server"),
    "552": _("there is no room, or the mail is too big"),
    "553": _("the address is not allowed"),
    "554": _("it failed, or is not taken"),
    "555": _("the server does not know a parameter"),
    "556": _("the domain takes no mail"),
}


def in_words(code: str, dsn: str) -> str:
    """``code``: three digits, ``dsn``: enhanced, either may be empty. "" when neither is known."""
    found = _DSN.fullmatch(dsn)
    if found is not None and not (dsn.endswith(".0.0") and code in REPLIES):
        kind, subject, detail = found.groups()
        words = DETAILS.get(f"{subject}.{detail}") or SUBJECTS.get(subject) or SUBJECTS["0"]
        shown = f"{code} {dsn}" if code and code[0] == kind else dsn
        return gettext("%(code)s: %(detail)s (%(kind)s)") % {
            "code": shown,
            "detail": words,
            "kind": CLASSES[kind],
        }
    if code[:1] not in CLASSES or code not in REPLIES:
        return ""
    return gettext("%(code)s: %(detail)s (%(kind)s)") % {
        "code": code,
        "detail": REPLIES[code],
        "kind": CLASSES[code[0]],
    }
