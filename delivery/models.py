"""Track Delivery: what the mail servers wrote down, and what it says about each message.

``Event`` is one log line (partitioned by day). ``Message``, ``Recipient`` and ``Entry`` are folded from
events: a message is one queue id's life (or one refusal), a recipient is one final address of it, and an
entry is what one domain may see of it: the row of its list. Domains are kept by id, without a foreign key: a
domain that is deleted takes its rows out of sight at once, and one that is added again by somebody else has
another id.

The bulk tables carry no foreign-key triggers (10 µs a row at 60,000 lines a second); only services/ writes
them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import Right, domains_where, is_provider
from accounts.models import Domain
from provision.models import Node


class LogFile(models.Model):
    """A log file on a node. ``covered``: the byte ranges [from, to) that are in the database, merged and
    sorted, so that one line counts once however often and in whatever order it is sent."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    identity = models.CharField(max_length=120)
    log = models.CharField(max_length=16)
    covered = models.JSONField(default=list)
    lines = models.BigIntegerField(default=0)
    unparsed = models.BigIntegerField(default=0)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "identity"], name="logfile_once")]

    def __str__(self) -> str:
        return f"{self.log} {self.identity}"


class Event(models.Model):
    """One log line. ``ref``: queue id, or Dovecot's session, or empty. ``data``: the parsed fields, all of
    them hostile text. The table's key is (file, pos, at); ``id`` only names a row."""

    at = models.DateTimeField(_("time"))
    node = models.ForeignKey(
        Node, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    file = models.ForeignKey(
        LogFile, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    pos = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    ref = models.CharField(max_length=64, blank=True)
    data = models.JSONField()
    raw = models.TextField(_("line"))

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class Unparsed(Event):
    """Lines that no grammar of ours knows, for the admin."""

    class Meta:
        proxy = True
        verbose_name = _("unparsed line")
        verbose_name_plural = _("unparsed lines")


class Status(models.IntegerChoices):
    PROGRESS = 1, _("In progress")
    DELIVERED = 2, _("Delivered")
    DEFERRED = 3, _("Deferred")
    FAILED = 4, _("Failed")
    REJECTED = 5, _("Rejected")


class Direction(models.IntegerChoices):
    """Bits: mail inside one domain is both."""

    IN = 1, _("Incoming")
    OUT = 2, _("Outgoing")
    INSIDE = 3, _("Inside")


class Message(models.Model):
    """One stay in a queue, from the first line to ``removed``; or one refusal, with an empty ``queue_id``.

    ``at``: first line seen, ``started_at``: handed in, ``sender`` and ``subject``: None until known. Text for
    display is already made inert. ``out_domain_id``: whose outgoing mail it is; only a signed-in sender or
    our own services can make it somebody's, a claimed envelope sender cannot. ``notice_of``: queue id of the
    mail it reports on.
    """

    node = models.ForeignKey(
        Node, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    queue_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    sender = models.CharField(max_length=400, null=True)  # noqa: DJ001 - the empty sender is a sender (RFC 5321 §4.5.5)
    subject = models.TextField(null=True)  # noqa: DJ001 - not known is not the same as empty
    size = models.BigIntegerField(null=True)
    nrcpt = models.IntegerField(null=True)
    message_id = models.TextField(blank=True)
    client = models.CharField(max_length=300, blank=True)
    service = models.CharField(max_length=32, blank=True)
    sasl_user = models.CharField(max_length=320, blank=True)
    out_domain_id = models.BigIntegerField(null=True)
    notice_of = models.CharField(max_length=64, blank=True)
    file_id = models.BigIntegerField(null=True)
    pos = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["node", "queue_id"], name="message_queue", condition=~models.Q(queue_id=""))
        ]

    def __str__(self) -> str:
        return self.queue_id or f"refused {self.pk}"


class Recipient(models.Model):
    """One final address of a message and what became of it. ``orig_to``: the address that was written to,
    when an alias led to ``address``. ``provisional``: named by the sender, no delivery tried yet."""

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, db_constraint=False, related_name="recipients"
    )
    address = models.CharField(max_length=400)
    orig_to = models.CharField(max_length=400, blank=True)
    domain_id = models.BigIntegerField(null=True)
    orig_domain_id = models.BigIntegerField(null=True)
    status = models.SmallIntegerField(choices=Status.choices)
    at = models.DateTimeField()
    agent = models.CharField(max_length=32, blank=True)
    relay = models.CharField(max_length=300, blank=True)
    dsn = models.CharField(max_length=12, blank=True)
    reply = models.TextField(blank=True)
    delay = models.FloatField(null=True)
    attempts = models.IntegerField(default=0)
    provisional = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.address


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: Any) -> Self:
        """What happened to mail is for whoever reads mail settings, as far back as the account may look."""
        if is_provider(user):
            return self
        return self.filter(domain_id__in=domains_where(user, Right.SETTINGS).values("pk")).kept()

    def kept(self) -> Self:
        """Not older than the ``log_days`` of the account whose domain it is."""
        days = ExpressionWrapper(F("account__log_days") * timedelta(days=1), output_field=DurationField())
        since = ExpressionWrapper(Now() - days, output_field=models.DateTimeField())
        owner = Domain.objects.annotate(since=since).filter(since__lte=OuterRef("at"))
        return self.filter(Exists(owner.filter(pk=OuterRef("domain_id"))))


class Entry(models.Model):
    """What one domain sees of one recipient: a row of Track Delivery. ``address`` is what this side may know
    (the sender sees the address that was written to, never where an alias leads); ``via`` the alias, for its
    owner. ``peer_domain_id``: on an incoming row, the domain of ours that sent it. ``changed_at``: when the
    row last changed."""

    domain_id = models.BigIntegerField(null=True)
    peer_domain_id = models.BigIntegerField(null=True)
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, db_constraint=False, related_name="entries"
    )
    recipient = models.ForeignKey(
        Recipient, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    direction = models.SmallIntegerField(choices=Direction.choices)
    at = models.DateTimeField()
    status = models.SmallIntegerField(choices=Status.choices)
    address = models.CharField(max_length=400)
    via = models.CharField(max_length=400, blank=True)
    changed_at = models.DateTimeField()
    words = SearchVectorField()

    objects: ClassVar[Any] = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["domain_id", "-at", "-id"], name="entry_list"),
            models.Index(fields=["domain_id", "status", "-at", "-id"], name="entry_status"),
            models.Index(fields=["-at", "-id"], name="entry_all"),
            GinIndex(fields=["words"], name="entry_words"),
        ]

    def __str__(self) -> str:
        return self.address


class TrafficPart(models.Model):
    """How many entries began in an hour, in parts to add up: triggers write one for each statement that
    changes entries, services.traffic_fold makes them one again and drops what is older than KEPT. ``hour``:
    its begin, UTC."""

    KEPT = timedelta(days=3)

    hour = models.DateTimeField()
    domain_id = models.BigIntegerField()
    peer_domain_id = models.BigIntegerField(null=True)
    direction = models.SmallIntegerField(choices=Direction.choices)
    status = models.SmallIntegerField(choices=Status.choices)
    entries = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["domain_id", "hour"],
                include=["direction", "status", "peer_domain_id", "entries"],
                name="traffic_of_domain",
            ),
            models.Index(fields=["hour"], name="traffic_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%d %H}: {self.entries:+d}"
