"""What the secondary name servers were last seen to answer."""

from __future__ import annotations

from django.db import models

from provision.models import Node


class SecondaryWatch(models.Model):
    """``silent_since``: since when it does not answer at all; None: it does. ``behind``: zones that are not
    there as they are on the primary, each with the time (ISO 8601) at which that was first seen. ``upto``:
    the zone up to which the walk over all zones has come; ``whole_at``: when it last was at the end."""

    node = models.OneToOneField(Node, on_delete=models.CASCADE, related_name="secondary_watch")
    looked_at = models.DateTimeField()
    silent_since = models.DateTimeField(null=True)
    behind = models.JSONField(default=dict)
    upto = models.BigIntegerField(default=0)
    whole_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "secondary watches"

    def __str__(self) -> str:
        return f"{self.node}: {len(self.behind)} behind"
