"""A person has the panel fetch a zone from another server."""

from __future__ import annotations

from collections.abc import Collection
from threading import BoundedSemaphore

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from accounts.access import Right
from accounts.limits import feature_check
from accounts.models import User
from dnszone.models import Zone
from dnszone.services.store import allowed
from dnszone.zonefile import transfer
from lib.addresses import is_public, parsed
from lib.errors import Refused
from provision.models import Node

# A slow server holds a thread for transfer.SECONDS; the others of the process answer pages.
_PLACES = BoundedSemaphore(2)


def zone_fetch(*, actor: User, zone: Zone, server: str) -> str:
    """The text of ``zone`` as ``server`` hands it out. Changes nothing. Raises Denied, and Refused (field
    ``server``) in words. One at a time for a person, and not inside a transaction."""
    allowed(actor, Right.ZONE, zone)
    if zone.domain is not None:
        feature_check(zone.domain.account, "dns_editing")
    ours = [*settings.PANEL_ADDRESSES, *(at for node in Node.objects.all() for at in node.addresses)]
    turn = f"zone-transfer/{actor.pk}"
    if not cache.add(turn, 1, timeout=2 * transfer.SECONDS):
        raise Refused(_("You have a transfer running already. Try again when it is done."), transfer.FIELD)
    try:
        if not _PLACES.acquire(blocking=False):
            raise Refused(_("Many transfers are running just now. Try again in a moment."), transfer.FIELD)
        try:
            return transfer.fetched(
                zone.name, server, allow=lambda at: refuse_ours_and_private(at, ours, transfer.FIELD)
            )
        finally:
            _PLACES.release()
    finally:
        cache.delete(turn)


def refuse_ours_and_private(address: str, ours: Collection[str], field: str) -> None:
    """Raises Refused, in words, unless the whole world may connect to ``address``. ``ours``: addresses of the
    panel and its nodes, in any spelling."""
    where = parsed(address)
    if where is not None and where in {parsed(text) for text in ours}:
        raise Refused(
            _("%(address)s is a server of ours: what it has is here already. Name the other provider’s.")
            % {"address": address},
            field,
        )
    if where is None or not is_public(where):
        raise Refused(
            _("%(address)s is not an address on the public internet. Name a server that everybody can reach.")
            % {"address": address},
            field,
        )
