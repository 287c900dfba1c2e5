"""Who signed in, and who was refused."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Right, domains_where, is_provider
from delivery.models.keeping import kept
from provision.models import Node

PROTOCOLS = {
    "imap": "IMAP",
    "pop3": "POP3",
    "managesieve": "ManageSieve",
    "submission": "SMTP",
    "smtp": "SMTP",
}


class SignInQuerySet(models.QuerySet["SignIn"]):
    def visible_to(self, user: Any) -> Self:
        """Of logins of domains whose mail settings the person reads, as far back as the account may look."""
        if is_provider(user):
            return self
        return self.filter(domain_id__in=domains_where(user, Right.SETTINGS).values("pk")).kept()

    def kept(self) -> Self:
        return self.filter(kept())


class SignIn(models.Model):
    """One sign-in to IMAP, POP3, ManageSieve or SMTP, or one that was refused. Of SMTP it is seen when a
    mail is handed in.

    ``login``: the address, lower case. ``client``: an IP address as text. ``encrypted`` None: the log does
    not say. ``app``: id of the app password. ``program``: what it calls itself (IMAP ID, RFC 2971), inert.
    ``counts``: of a session that ended, what Dovecot counted (in, out, deleted, expunged, retr, retr_bytes,
    dele, …) and ``boxes``, {folder: mails expunged}."""

    at = models.DateTimeField()
    node = models.ForeignKey(
        Node, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    domain_id = models.BigIntegerField(null=True)
    login = models.CharField(max_length=320, blank=True)
    protocol = models.CharField(max_length=16)
    client = models.CharField(max_length=64, blank=True)
    encrypted = models.BooleanField(null=True)
    method = models.CharField(max_length=32, blank=True)
    app = models.CharField(max_length=32, blank=True)
    ok = models.BooleanField()
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    program = models.CharField(max_length=300, blank=True)
    session = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)
    counts = models.JSONField(default=dict)
    tls = models.CharField(max_length=60, blank=True)

    objects: ClassVar[Any] = SignInQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["login", "-id"], name="signin_login"),
            models.Index(fields=["domain_id", "-id"], name="signin_domain"),
            models.Index(fields=["client", "-id"], name="signin_client", condition=models.Q(ok=False)),
            models.Index(fields=["session"], name="signin_session", condition=~models.Q(session="")),
        ]

    def __str__(self) -> str:
        return f"{self.login} {self.protocol}"

    @property
    def protocol_name(self) -> str:
        return PROTOCOLS.get(self.protocol, self.protocol.upper())
