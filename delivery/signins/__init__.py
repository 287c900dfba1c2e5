"""Who signed in to mailboxes with IMAP, POP3, ManageSieve or SMTP, who was refused, and what they took
away. From the nodes' log lines."""

from delivery.models.signins import PROTOCOLS, SignIn
from delivery.selectors import Key
from delivery.signins.selectors import (
    Device,
    Failures,
    Page,
    SignInQuery,
    devices_of,
    failures,
    first_key,
    of_domain,
    page_of_domain,
    recent_sign_ins,
)
from delivery.signins.vanished import Answer, vanished

# Kinds of lines that name who signed in (contract.LogBatch).
SIGN_IN_KINDS = frozenset({"sign-in", "client"})

__all__ = [
    "PROTOCOLS",
    "SIGN_IN_KINDS",
    "Answer",
    "Device",
    "Failures",
    "Key",
    "Page",
    "SignIn",
    "SignInQuery",
    "devices_of",
    "failures",
    "first_key",
    "of_domain",
    "page_of_domain",
    "recent_sign_ins",
    "vanished",
]
