"""A brand's host names in the world: what DNS must say of them, and whether it does. DNS and TLS are asked
with no transaction open."""

from __future__ import annotations

import hashlib
import logging
import socket
import ssl
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts import branding
from accounts.branding import Found, Wish
from accounts.models import Account, Brand, User
from dnszone import follow, provider
from lib import names, resolver
from lib.errors import Refused
from lib.said import gettext as _
from mailboxes.models import MailDomain
from nodeagent.contract import ROLE_MAIL
from panel.schedule import TASK_BRAND_HOSTS
from provision import broker
from provision.models import Node
from provision.schedule import PANEL_QUEUE

logger = logging.getLogger(__name__)

SECONDS = 4.0  # for one connection to a node
AGAIN = timedelta(hours=1)  # for names that work
LEADS, LEADS_NOT = 3600, 300  # seconds for which an answer about a name is kept
TLS_SERVICES = ("imaps", "submissions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A line for whoever keeps the DNS of ``name``. ``rdata``: no dot at the end, as most forms want it."""

    name: str
    type: str
    rdata: str


@transaction.atomic
def brand_save(*, actor: User | None, account: Account, wish: Wish, logo: bytes | None = None) -> Brand:
    """accounts.branding.brand_set, once no host name is one of our own servers. Raises as it does."""
    for field in branding.HOSTS:
        typed = getattr(wish, field)
        if typed.strip():
            try:
                provider.refuse_ours(*names.normalise_domain(typed))
            except Refused as refused:
                raise Refused(refused.message, field) from None
    brand = branding.brand_set(actor=actor, account=account, wish=wish, logo=logo)
    transaction.on_commit(look_soon)
    return brand


def look_soon() -> None:
    """Have the names looked at now; without a broker, Beat asks soon."""
    with suppress(broker.BrokerAway):
        broker.send(TASK_BRAND_HOSTS, PANEL_QUEUE)


def look_at_all() -> None:
    """Names that do not work yet, and those that worked an hour ago. Then what zones tell mail programs
    follows them, and whatever else changed meanwhile (dnszone.follow)."""
    old = timezone.now() - AGAIN
    panel = Q(panel_host_seen_at__isnull=True) | Q(panel_host_seen_at__lt=old)
    mail = Q(mail_host_seen_at__isnull=True) | Q(mail_host_seen_at__lt=old)
    due = Brand.objects.filter((~Q(panel_host="") & panel) | (~Q(mail_host="") & mail))
    nodes = list(Node.objects.filter(roles__contains=[ROLE_MAIL]).order_by("name"))
    for brand in due.defer("logo").order_by("pk"):
        found = look(brand, nodes)
        branding.hosts_seen(brand=brand, found=found, now=timezone.now())
    for node in nodes:
        with transaction.atomic():
            follow.programs_follow(node)


def look(brand: Brand, nodes: Sequence[Node]) -> Found:
    """What the world sees of both names now."""
    panel, panel_trouble = _panel(brand.panel_host) if brand.panel_host else (False, "")
    node, mail_trouble = _mail(brand.mail_host, nodes) if brand.mail_host else ("", "")
    return Found(panel=panel, panel_trouble=panel_trouble, mail_node=node, mail_trouble=mail_trouble)


def leads_here(host: str) -> bool:
    """Whether DNS leads ``host`` to this panel, looked up now and then. An authority for certificates would
    find out otherwise by failing, and those failures count against all names. Not known: no, for now."""
    key = f"leads-here:{hashlib.sha256(host.encode()).hexdigest()}"
    known = cache.get(key)
    if known is None:
        known = bool(_panel(host)[0])
        cache.set(key, known, LEADS if known else LEADS_NOT)
    return bool(known)


def panel_records(brand: Brand) -> list[Record]:
    return [Record(name=brand.panel_host, type="CNAME", rdata=provider.panel_address()[0])]


def mail_records(brand: Brand) -> list[Record]:
    """To the node that has most of their domains; another node's domains keep its own name in guides."""
    theirs = Q(domain__account=brand.account_id) | Q(domain__account__reseller=brand.account_id)
    counted = MailDomain.objects.filter(theirs).order_by().values("node").annotate(many=Count("pk"))
    most = counted.order_by("-many").values_list("node", flat=True).first()
    nodes = Node.objects.filter(roles__contains=[ROLE_MAIL]).order_by("name")
    node = (nodes.filter(pk=most).first() if most else None) or nodes.first()
    return [Record(name=brand.mail_host, type="CNAME", rdata=node.host)] if node else []


def _panel(host: str) -> tuple[bool | None, str]:
    """Whether ``host`` leads to the panel, and why not. None: that cannot be told now."""
    ours = provider.panel_address()[0]
    try:
        there, here = set(_addresses(host)), {*_addresses(ours), *settings.PANEL_ADDRESSES}
    except resolver.ResolverAway as away:
        return None, _nobody_answers(host, away)
    if not there:
        return False, _no_address(host)
    if not there <= here:
        text = _("%(host)s leads to %(there)s, not to this panel. Change its record as below.")
        return False, text % {"host": host, "there": ", ".join(sorted(there))}
    return True, ""


def _mail(host: str, nodes: Sequence[Node]) -> tuple[str | None, str]:
    """The node that ``host`` leads to and that shows a certificate for it, or why there is none. None: that
    cannot be told now, so what was known stays."""
    try:
        there = set(_addresses(host))
    except resolver.ResolverAway as away:
        return None, _nobody_answers(host, away)
    if not there:
        return "", _no_address(host)
    node = next((node for node in nodes if there <= set(node.addresses)), None)
    if node is None:
        text = _("%(host)s leads to %(there)s, none of our mail servers. Change its record as below.")
        return "", text % {"host": host, "there": ", ".join(sorted(there))}
    return _certified(host, node)


def _nobody_answers(host: str, away: resolver.ResolverAway) -> str:
    logger.info("not known: %s", away)
    return _("No name server answers about %(host)s at the moment. We go on asking.") % {"host": host}


def _no_address(host: str) -> str:
    text = _("%(host)s has no address yet. Add the record below; a name server needs up to an hour.")
    return text % {"host": host}


def _certified(host: str, node: Node) -> tuple[str | None, str]:
    for service in TLS_SERVICES:
        for address in node.addresses if service in node.ports else ():
            try:
                _handshake(address, node.ports[service], host)
            except ssl.SSLCertVerificationError:
                text = _(
                    "%(host)s leads to %(node)s, which has no certificate for this name yet. Ask "
                    "%(provider)s to add it; until then guides say %(own)s."
                )
                values = {
                    "host": host,
                    "node": node.name,
                    "provider": settings.PROVIDER_NAME,
                    "own": node.host,
                }
                return "", text % values
            except OSError as error:
                logger.info("%s of %s does not answer: %s", service, node, error)
                text = _("%(node)s does not answer at the moment. We go on asking.")
                return None, text % {"node": node.name}
    return node.name, ""


def _handshake(address: str, port: int, host: str) -> None:
    """Only with addresses of our own nodes, whatever the name leads to. Raises OSError, of which a wrong
    certificate is one."""
    context = ssl.create_default_context(cafile=settings.NODES_CA_FILE or None)
    with (
        socket.create_connection((address, port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host),
    ):
        pass


def _addresses(host: str) -> Iterable[str]:
    return [*resolver.lookup(host, "A"), *resolver.lookup(host, "AAAA")]
