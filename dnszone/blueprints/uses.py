"""Which revision of which template a zone holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone

from dnszone.models import Zone, ZoneTemplate, ZoneTemplateUse


def use_note(
    *, zone: Zone, template: ZoneTemplate, revision: int, values: Mapping[str, Sequence[str]]
) -> None:
    """Writes down what ``zone`` was made from, with what stood for the placeholders."""
    ZoneTemplateUse.objects.update_or_create(
        zone=zone,
        defaults={
            "template": template,
            "revision": revision,
            "values": {key: list(found) for key, found in values.items()},
            "at": timezone.now(),
        },
    )
