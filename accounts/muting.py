"""Which mails a person switched off."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from lib.errors import Refused
from notices import kinds


@transaction.atomic
def notices_mute(*, actor: User, muted: Collection[str]) -> User:
    """The kinds that the person wants no mail of; every other one is switched on. Raises Refused for one that
    does not exist or is about security."""
    if set(muted) - {kind.name for kind in kinds.optional()}:
        raise Refused(_("Mails about security cannot be switched off."))
    person = User.objects.select_for_update().get(pk=actor.pk)
    person.muted_notices = sorted(set(muted))
    person.save(update_fields=["muted_notices"])
    return person
