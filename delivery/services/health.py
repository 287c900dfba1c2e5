"""What nodes tell of their logs."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from delivery.models import NodeHealth
from provision.models import Node


def health_take(*, node: Node, logs: Mapping[str, Mapping[str, int]]) -> None:
    NodeHealth.objects.update_or_create(node=node, defaults={"logs": logs, "told_at": timezone.now()})
