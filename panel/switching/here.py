"""What this provider itself publishes for a domain's mail, and what the zone says now."""

from __future__ import annotations

from django.conf import settings

from accounts.models import Domain
from dnszone import managed, mx, names, presets, rdata, routing
from dnszone.blueprints import making
from dnszone.models import Zone
from dnszone.presets import HERE, Here, Preset, Wish
from dnszone.spec import RecordSpec, Row
from mailboxes.models import DkimKey, MailDomain
from mailboxes.services.dkim import dkim_txt
from nodeagent import contract
from provision.models import Node


def ours() -> Here:
    """Every host of ours that takes mail, and the name for SPF."""
    nodes = Node.objects.filter(roles__contains=[contract.ROLE_MAIL]).values_list("host", flat=True)
    return Here(hosts=[host.lower().removesuffix(".") for host in nodes], include=_include())


def mail_domain(zone: Zone) -> MailDomain | None:
    return (
        MailDomain.objects.select_related("node", "domain__account__reseller")
        .filter(domain=zone.domain)
        .first()
    )


def wish(zone: Zone, *, programs: bool) -> Wish | None:
    """The records of mail here: the template of a new domain with the DKIM keys that the panel keeps. None:
    the domain has no mail here at all."""
    mail = mail_domain(zone)
    if mail is None:
        return None
    records = making.panel_records(mail.node, mail.domain.account)
    keys = DkimKey.objects.filter(mail_domain=mail).exclude(public_key="").order_by("selector")
    records += [
        RecordSpec(
            owner=f"{key.selector}._domainkey",
            type="TXT",
            rdata=dkim_txt(key.public_key),
            managed=managed.DKIM,
        )
        for key in keys
    ]
    return presets.wish_here(records, programs=programs)


def mx_of(rows: list[Row]) -> list[Row]:
    """The MX records of the domain itself, in the order in which senders try them."""
    found = {row.rdata: row for row in rows if row.rrset == (names.APEX, "MX")}
    return [found[f"{priority} {target}"] for priority, target in mx.order(list(found))]


def targets_of(rows: list[Row]) -> list[str]:
    """Absolute names; a null MX is none."""
    return [target for row in mx_of(rows) if (target := rdata.target("MX", row.rdata))]


def in_use(rows: list[Row], here: Here) -> str:
    """The slug of the preset that the MX are of; empty: none of them."""
    return presets.recognised(targets_of(rows), here.hosts)


def routing_for(preset: Preset, domain: Domain | None, now: str) -> str:
    """The Email Routing that goes with ``preset``; empty: it stays. ``now``: the preset in use. Local and not
    Automatic for mail here: mail comes as soon as the first sender sees the new MX, before we look again."""
    mode = routing.current(domain)
    if preset.slug == HERE and now == HERE and mode in {routing.AUTOMATIC, routing.LOCAL}:
        return ""
    return preset.routing if mode and mode != preset.routing else ""


def _include() -> str:
    return f"_spf.{settings.PROVIDER_DOMAIN}"
