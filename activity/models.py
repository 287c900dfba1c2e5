"""Who changed what, for customers to read. Rows are written by triggers alone (activity.watching)."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from activity.scope import Scope


class EntryQuerySet(models.QuerySet["Entry"]):
    def within(self, scope: Scope) -> Self:
        """One account's, a reseller's with all that happened at its clients while they were its, or all."""
        if scope.account is not None:
            found = self.filter(account_id=scope.account)
            return found if scope.below is None else found.filter(top_id=scope.below)
        return self if scope.everything else self.filter(top_id=scope.top)


class Entry(models.Model):
    """One change of one object, as it was understood when it happened: no keys to other tables, so what is
    deleted later stays readable, and a domain that somebody else takes brings nothing along.

    ``account_id``: whose; None: the provider's own. ``top_id``: its reseller then, or itself.
    ``domain_name``: A-labels, or empty. ``model``: ``mailboxes.mailbox``. ``name``: the object as people
    know it. ``diff``:
    {column: [before, after]}; both None where the column changed and holds a secret. ``via`` says what
    ``who`` is: a person's address, a mailbox, or nobody. ``acting_for_name``: the client that ``who`` acted
    for; ``acting_as``: in whose name. ``words``: what the search looks through.
    """

    class Label(models.TextChoices):
        INSERT = "insert", _("made")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")

    class Via(models.TextChoices):
        PERSON = "person", _("somebody signed in")
        MAILBOX = "mailbox", _("a mailbox’s user")
        COMMAND = "command", _("a command on the provider’s machine")
        PANEL = "panel", _("the panel itself")
        DATABASE = "database", _("directly in the database")

    at = models.DateTimeField()
    account_id = models.BigIntegerField(null=True)
    top_id = models.BigIntegerField(null=True)
    account_name = models.CharField(max_length=120, blank=True)
    domain_name = models.CharField(max_length=253, blank=True, db_collation="C")
    model = models.CharField(max_length=60, db_collation="C")
    object_id = models.BigIntegerField()
    label = models.CharField(max_length=6, choices=Label.choices, db_collation="C")
    name = models.CharField(max_length=400, blank=True)
    diff = models.JSONField(default=dict)
    via = models.CharField(max_length=8, choices=Via.choices, db_collation="C")
    user_id = models.BigIntegerField(null=True)
    who = models.CharField(max_length=254, blank=True, db_collation="C")
    who_name = models.CharField(max_length=120, blank=True)
    ip = models.GenericIPAddressField(null=True)
    acting_for_name = models.CharField(max_length=120, blank=True)
    acting_as = models.CharField(max_length=120, blank=True)
    context_id = models.UUIDField(null=True)
    words = models.TextField(blank=True)

    objects: ClassVar[Any] = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("activity")
        indexes = [
            models.Index(fields=["at", "id"], name="activity_at"),
            models.Index(fields=["account_id", "at", "id"], name="activity_account"),
            models.Index(fields=["account_id", "model", "at", "id"], name="activity_account_model"),
            models.Index(fields=["account_id", "label", "at", "id"], name="activity_account_label"),
            models.Index(fields=["account_id", "who", "at", "id"], name="activity_account_who"),
            models.Index(fields=["top_id", "at", "id"], name="activity_top"),
            models.Index(fields=["top_id", "model", "at", "id"], name="activity_top_model"),
            models.Index(fields=["top_id", "label", "at", "id"], name="activity_top_label"),
            models.Index(fields=["top_id", "who", "at", "id"], name="activity_top_who"),
            models.Index(fields=["domain_name", "at", "id"], name="activity_domain"),
            models.Index(fields=["model", "at", "id"], name="activity_model"),
            models.Index(fields=["model", "object_id", "id"], name="activity_object"),
            GinIndex(OpClass("words", name="gin_trgm_ops"), name="activity_words"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.model} {self.name}"
