"""What a node says it has seen, in the words of the reader. The node knows no languages: its sentences are
fixed."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_SERIAL = re.compile(r"serial (\d+) answered by the DNS server\Z")
_SIGNED = re.compile(r"serial (\d+) answered by the DNS server, its signature is right\Z")

# Sentence of nodeagent.backends → ours.
_WORDS = {
    "read back from the node's directory and found by Dovecot": gettext_noop("Found on the mail server"),
    "read back from the node's directory, a sample found by Dovecot": gettext_noop(
        "Found on the mail server"
    ),
    "not found by Dovecot, as it should be": gettext_noop("Gone from the mail server"),
    "found by postmap": gettext_noop("The mail server takes mail for it"),
    "not found by postmap, as it should be": gettext_noop("The mail server takes no more mail for it"),
    "found by postmap as a backup": gettext_noop("The mail server queues mail for it"),
    "not found by postmap, left to its own mail servers": gettext_noop(
        "The mail server leaves its mail to others"
    ),
    "refused by postmap's answer": gettext_noop("The mail server refuses mail for it"),
    "a test message came back signed": gettext_noop("A test message came back signed"),
    "key made, not signing yet": gettext_noop("The key is made; it signs once DNS shows it"),
    "key and selector removed": gettext_noop("The key is removed"),
    "no longer answered by the DNS server": gettext_noop("The name server no longer answers for it"),
    "kept": gettext_noop("Its mail is kept"),
    "read back from the node's directory": gettext_noop("In place on the mail server"),
    "noted by the node's runner of jobs": gettext_noop("The server has it on its list of work"),
    "not with the node's runner of jobs, as it should be": gettext_noop("Off the server's list of work"),
    "no rules there, as it should be": gettext_noop("The mail server has no rules for it"),
    "compiled by sievec where Dovecot runs it": gettext_noop("The mail server runs these rules"),
    "sending refused, its mail held in the queue": gettext_noop("The mail server sends nothing of it"),
    "sending allowed, its mail let go": gettext_noop("The mail server sends its mail again"),
    "mail folder not there, as it should be": gettext_noop("Its mail folder is gone"),
}


SAME = frozenset({"a test message came back signed"})  # already as people say it


def words(proof: str) -> str:
    """A node's proof for people, with a capital. A sentence of a newer node is shown as it came."""
    if (serial := _SERIAL.match(proof)) is not None:
        return _("The name server answers with serial %(serial)s") % {"serial": serial[1]}
    if (serial := _SIGNED.match(proof)) is not None:
        return _("The name server answers with serial %(serial)s, signed") % {"serial": serial[1]}
    known = _WORDS.get(proof)
    return _(known) if known else proof[:1].upper() + proof[1:]
