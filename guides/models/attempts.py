"""Connections of mail programs that came to nothing, or name no mailbox yet: what the guide's watch looks
for."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils import timezone


class What(models.TextChoices):
    """What became of a connection. Not shown by these names."""

    REACHED = "reached"  # TLS stood, and nobody tried to sign in
    SIGNED_IN = "signed-in"  # to send; as whom, the log says with the first mail
    NAME = "name"  # a user name that is no address here
    CLEAR = "clear"  # tried to sign in without encryption
    UNTRUSTED = "untrusted"  # the program did not take our certificate
    OLD = "old"  # nothing in common but TLS versions that are no longer safe
    HANDSHAKE = "handshake"  # TLS failed otherwise
    PLAIN_ON_TLS = "plain-on-tls"  # no encryption at a port of TLS from the first byte on
    TLS_ON_PLAIN = "tls-on-plain"  # the other way
    PORT_25 = "port-25"  # wanted to submit at the port of servers
    NO_SIGN_IN = "no-sign-in"  # wanted to submit without signing in


class Attempt(models.Model):
    """The newest of its kind from one network. ``network``: as tries are counted, an IPv4 address or a /64;
    ``protocol``: imap, pop3, smtp or "" (not known); ``service``: Postfix's name of it, "" is port 25;
    ``sender``: of a mail that was refused, when its domain is ours (``domain_id``: by id, without a foreign
    key, as all of the log is); ``login``: what was typed as user name. Both are hostile text, inert.

    Nobody hears of one unless he comes from the same network; kept for an hour, with a sender for KEPT."""

    BRIEF = dt.timedelta(hours=1)
    KEPT = dt.timedelta(days=14)

    network = models.CharField(max_length=64, db_collation="C")
    protocol = models.CharField(max_length=8, db_collation="C")
    service = models.CharField(max_length=16, db_collation="C", blank=True)
    what = models.CharField(max_length=16, db_collation="C", choices=What.choices)
    sender = models.CharField(max_length=320, db_collation="C", blank=True)
    domain_id = models.BigIntegerField(null=True)
    login = models.CharField(max_length=320, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Attempt]]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "protocol", "service", "what", "sender"], name="attempt_once"
            )
        ]
        indexes = [
            models.Index(fields=["at"], name="attempt_old"),
            models.Index(
                fields=["domain_id", "at"],
                name="attempt_of_domain",
                condition=models.Q(domain_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.protocol}"
