"""Signing keys: made on the node, published in the zone, used once resolvers show them.

push DkimKey(active=False) → the node makes the key, its report carries the public half → the zone publishes
it (RFC 6376 §3.6.1) → tasks.dkim_look asks the resolvers → push DkimKey(active=True) → the node signs.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dnszone.managed import DKIM
from dnszone.models import Zone
from dnszone.services import managed_records_set
from dnszone.spec import RecordSpec
from mailboxes.desired import dkim_of_key
from mailboxes.models import DkimKey, MailDomain
from mailboxes.schedule import TASK_DKIM_LOOK
from mailboxes.services.wanted import dkim_wanted
from nodeagent import contract
from provision import broker
from provision.models import Node, Push
from provision.schedule import PANEL_QUEUE
from provision.services import push_enqueue

logger = logging.getLogger(__name__)

_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,1400}={0,2}", re.ASCII)
_CHUNK = 255  # octets in one <character-string>, RFC 1035 §3.3


@transaction.atomic
def own_key_ensure(node: Node) -> None:
    """A key on every mail node for the provider's own name: the mails of the panel are signed like those of
    customers (provision.kinds.register_node)."""
    if contract.ROLE_MAIL not in node.roles or DkimKey.objects.filter(mail_domain=None, node=node).exists():
        return
    key = DkimKey.objects.create(node=node, selector=selector_next(settings.PROVIDER_DOMAIN, node))
    push_enqueue(actor=None, wanted=[dkim_wanted(key)])


def selector_next(name: str, node: Node) -> str:
    """``pr1-mail1``: a DNS label that names generation and node. A domain made again gets the next one:
    no resolver still holds an old key under the new one's name."""
    before = Push.objects.filter(node=node, key__startswith=f"{contract.DkimKey.KIND}/{name}/").count()
    label = re.sub(r"[^a-z0-9]+", "-", node.name.lower()).strip("-")
    return f"pr{before + 1}-{label}"[:63].strip("-")


def dkim_txt(public_key: str) -> str:
    """The TXT rdata, in quoted strings of at most 255 octets."""
    text = f"v=DKIM1; k=rsa; p={public_key}"
    return " ".join(f'"{text[at : at + _CHUNK]}"' for at in range(0, len(text), _CHUNK))


def dkim_on_live(push: Push, facts: dict[str, Any]) -> None:
    """The node has the key. A public half that is new here (first report, or a node built anew) is published,
    and the key signs no more until resolvers show it."""
    key = dkim_of_key(push.key)
    public_key = facts.get("public_key")
    if key is None or key.node_id != push.node_id or push.payload is None or not isinstance(public_key, str):
        return
    if not _BASE64.fullmatch(public_key):
        logger.warning("the node %s reported a public key for %s that is none", push.node_id, push.key)
        return
    if key.public_key != public_key:
        was_active = key.seen_at is not None
        key.public_key, key.seen_at = public_key, None
        key.save(update_fields=["public_key", "seen_at"])
        records_publish(actor=None, mail_domain=key.mail_domain)
        if was_active:
            push_enqueue(actor=None, wanted=[dkim_wanted(key)])
    if key.seen_at is None:
        dkim_look_soon(key)


def records_publish(*, actor: Any, mail_domain: MailDomain | None) -> None:
    """Make the zone show every key of the domain, or (None) of the provider's own name, that is known here,
    and no other."""
    whose = {"domain": mail_domain.domain} if mail_domain else {"name": settings.PROVIDER_DOMAIN}
    zone = Zone.objects.filter(**whose).first()
    if zone is None:
        return
    managed_records_set(actor=actor, zone=zone, managed=DKIM, records=_records(mail_domain))


def dkim_kept(zone: Zone) -> list[RecordSpec]:
    """For dnszone.keepers: what ``records_publish`` would write there now."""
    if zone.domain is None:
        return _records(None) if zone.name == settings.PROVIDER_DOMAIN else []
    mail_domain = MailDomain.objects.filter(domain=zone.domain).first()
    return _records(mail_domain) if mail_domain else []


def _records(mail_domain: MailDomain | None) -> list[RecordSpec]:
    keys = DkimKey.objects.filter(mail_domain=mail_domain).exclude(public_key="").order_by("selector")
    return [
        RecordSpec(
            owner=f"{key.selector}._domainkey", type="TXT", rdata=dkim_txt(key.public_key), managed=DKIM
        )
        for key in keys
    ]


def records_withdraw(*, actor: Any, mail_domain: MailDomain) -> None:
    zone = Zone.objects.filter(domain=mail_domain.domain).first()
    if zone:
        managed_records_set(actor=actor, zone=zone, managed=DKIM, records=[])


def dkim_look_soon(key: DkimKey) -> None:
    """Ask the resolvers once this transaction is committed; without a broker, Beat asks later."""
    transaction.on_commit(lambda: _send_look(key.pk), robust=True)


def _send_look(pk: int) -> None:
    with suppress(broker.BrokerAway):  # said in the log by the broker's module; Beat asks later
        broker.send(TASK_DKIM_LOOK, PANEL_QUEUE, pk)


@transaction.atomic
def dkim_seen(*, key: DkimKey, public_key: str) -> bool:
    """Resolvers show ``public_key`` for this selector: sign with it. False: it is not the node's key now."""
    rows = DkimKey.objects.select_for_update(of=("self",)).select_related("node", "mail_domain__domain")
    row = rows.filter(pk=key.pk).first()
    if row is None or not public_key or row.public_key != public_key:
        return False
    if row.seen_at is None:
        row.seen_at = timezone.now()
        row.save(update_fields=["seen_at"])
        push_enqueue(actor=None, wanted=[dkim_wanted(row)])
    return True
