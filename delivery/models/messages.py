"""What is folded from lines, as it is kept."""

from __future__ import annotations

from django.db import models

from provision.models import Node


class Message(models.Model):
    """One stay in a queue, from the first line to ``removed``; or one refusal, with an empty ``queue_id``.

    ``id``: the time of the line that was seen first (it stays when an earlier one comes). ``header_id``:
    its Message-ID, inert. ``state``: all that its lines said, as delivery.folding.mail writes and reads it;
    text in it for display is already inert."""

    node = models.ForeignKey(
        Node, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    queue_id = models.CharField(max_length=64, blank=True)
    header_id = models.CharField(max_length=300, blank=True)
    last_at = models.DateTimeField()
    state = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["queue_id"], name="message_queue", condition=~models.Q(queue_id="")),
            models.Index(fields=["header_id"], name="message_header", condition=~models.Q(header_id="")),
        ]

    def __str__(self) -> str:
        return self.queue_id or f"refused {self.pk}"


class Filed(models.Model):
    """What Dovecot did with a mail that it was given. ``session``: of LMTP, which its answer to Postfix
    names too. ``action``: of nodeagent.maillog.parse_dovecot ("stored", …); ``what``: the folder or
    address, inert."""

    at = models.DateTimeField()
    node = models.ForeignKey(
        Node, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    session = models.CharField(max_length=64)
    login = models.CharField(max_length=320)
    header_id = models.CharField(max_length=300, blank=True)
    action = models.CharField(max_length=40)
    what = models.CharField(max_length=400, blank=True)
    chunk_id = models.BigIntegerField()
    line = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["session"], name="filed_session")]

    def __str__(self) -> str:
        return f"{self.action} {self.what}"
