"""Log files, and their lines."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

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


class Chunk(models.Model):
    """Some hundred lines of one log file. ``body``: zlib of a JSON list of ``[offset, at, kind, ref, data,
    raw]`` (contract.LogBatch); a line is named by the chunk's id and its place in that list."""

    file = models.ForeignKey(
        LogFile, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    lines = models.IntegerField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.lines} lines"


class Unparsed(models.Model):
    """A line that no grammar of ours knows, for the admin. ``shape``: what it has in common with those
    like it; PostgreSQL makes it (migration 0042)."""

    at = models.DateTimeField(_("time"))
    node = models.ForeignKey(
        Node, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    file = models.ForeignKey(
        LogFile, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    pos = models.BigIntegerField()
    raw = models.TextField(_("line"))
    shape = models.GeneratedField(
        expression=Left("raw", 160), output_field=models.TextField(), db_persist=True
    )

    class Meta:
        verbose_name = _("unparsed line")
        verbose_name_plural = _("unparsed lines")

    def __str__(self) -> str:
        return self.raw[:80]


class Turn(models.Model):
    """Which queue ids a node's batch was about, for batches that were prepared at the same time
    (services/turns.py). Kept for minutes."""

    node = models.ForeignKey(
        Node, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    at = models.DateTimeField()
    refs = ArrayField(models.TextField())

    class Meta:
        indexes = [models.Index(fields=["node", "id"], name="turn_of_node")]

    def __str__(self) -> str:
        return f"{len(self.refs)} queue ids"


class NodeHealth(models.Model):
    """How a node's shipper fares. ``logs``: {name: {"behind": bytes not sent yet, "age": seconds of the
    oldest of them, "lost": files that went away unread, "unparsed": lines}}."""

    node = models.OneToOneField(Node, on_delete=models.CASCADE, related_name="+", primary_key=True)
    logs = models.JSONField(default=dict)
    told_at = models.DateTimeField()

    objects: ClassVar[models.Manager[NodeHealth]]

    def __str__(self) -> str:
        return f"{self.node}"
