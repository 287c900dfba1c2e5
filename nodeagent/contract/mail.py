"""Domains and mailboxes, their mail and their keys."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from nodeagent.contract.roles import ROLE_MAIL

LOCAL, BACKUP, REMOTE, OFF = "local", "backup", "remote", "off"
ROUTINGS = (LOCAL, BACKUP, REMOTE, OFF)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MailDomain:
    """A domain whose mail this node takes. ``name``: A-labels, lower case, no trailing dot. Not ``active``:
    no longer local. ``sign_in``, ``receive``, ``send`` are over those of its mailboxes: what is off here is
    off for each. ``pop3``: whether its mailboxes may be read by POP3. ``reason``: shown to who may not sign
    in. ``account``: an opaque name; the domains that share it share ``sends_per_hour`` (recipients; 0: as
    many as they like). ``routing``, of ROUTINGS, is about incoming mail alone: LOCAL delivers it into the
    mailboxes here, BACKUP takes it and queues it for the servers that the domain's MX name before this one,
    REMOTE leaves it to those, also what our own people send there, OFF refuses it (RFC 7505). Sign-in, mail
    that is here, and sending as the domain do not ask for it. What comes for REMOTE from other servers is
    refused, and while ``receive`` is False put off with 450: they look up the MX anew at their next try.
    ``catch_all``: what becomes of mail to an address here that nobody has: refused (empty), ``discard``, or
    delivered to that address. ``plus``: what follows a plus in the name of an address is a tag (RFC 5233).
    ``alias_of``: the domain whose addresses these are too, with another name behind the @; it has none of its
    own then."""

    KIND: ClassVar[str] = "mail_domain"
    ROLE: ClassVar[str] = ROLE_MAIL
    name: str
    active: bool = True
    sign_in: bool = True
    receive: bool = True
    send: bool = True
    pop3: bool = True
    reason: str = ""
    account: str = ""
    sends_per_hour: int = 0
    routing: str = LOCAL
    catch_all: str = ""
    plus: bool = True
    alias_of: str = ""

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.name}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One mailbox. ``home`` is relative to the node's mail folder and unique for ever: an address made
    again after deletion has another home and inherits nothing. ``password_hash`` is in Dovecot's form,
    e.g. ``{ARGON2ID}$argon2id$…``. ``sign_in`` covers IMAP, POP3, ManageSieve and SMTP AUTH, each of
    which has a switch of its own besides; ``send`` SMTP AUTH alone; ``receive`` incoming mail
    (refused with 450 while False). ``quota_mb``: whole MiB, at least 1."""

    KIND: ClassVar[str] = "mailbox"
    ROLE: ClassVar[str] = ROLE_MAIL
    address: str
    password_hash: str
    home: str
    quota_mb: int
    sign_in: bool = True
    receive: bool = True
    send: bool = True
    reason: str = ""
    imap: bool = True
    pop3: bool = True
    smtp: bool = True
    sieve: bool = True

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.address}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder of a mailbox's mail: ``path`` is its Mailbox.home, always ``<domain>/<name>``, so that no
    key can mean a whole domain's mail. Present: left alone. Absent: removed for good."""

    KIND: ClassVar[str] = "home"
    ROLE: ClassVar[str] = ROLE_MAIL
    path: str

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.path}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """A signing key that the node makes and keeps. The report's ``facts`` carry ``public_key``: the base64
    DER SubjectPublicKeyInfo for the ``p=`` tag (RFC 6376 §3.6.1). ``active``: sign this domain's mail
    with it."""

    KIND: ClassVar[str] = "dkim_key"
    ROLE: ClassVar[str] = ROLE_MAIL
    domain: str
    selector: str
    active: bool = False

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.domain}/{self.selector}"
