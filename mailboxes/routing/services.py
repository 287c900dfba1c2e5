"""Email Routing changes: by a person, with a change of the zone, by a look at the live MX. What changes is
pushed in the same transaction."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right, guard_domain, require
from accounts.models import Domain
from dnszone import managed
from dnszone.models import Zone, ZoneVersion
from dnszone.routing import AUTOMATIC, LOCAL, MODES, OFF, REMOTE
from dnszone.selectors import rows_of
from dnszone.services import Change, Note, RecordSpec, zone_apply
from dnszone.spec import Row, spec_of
from lib.errors import Refused
from mailboxes.addresses.leading import leading_into
from mailboxes.models import MailDomain, Routing
from mailboxes.routing.deciding import Finding, Held, next_look, settled
from mailboxes.routing.moving import moved_until
from mailboxes.schedule import TASK_ROUTING_LOOK
from mailboxes.services.wanted import mail_domain_wanted
from provision import broker
from provision.schedule import PANEL_QUEUE
from provision.services import push_enqueue

NULL_MX = "0 ."  # RFC 7505 §3
PATIENCE = timedelta(seconds=10)  # between two looks that people ask for


class Keeper:
    """For dnszone.routing: what changes together with a zone."""

    def current(self, domain: Domain) -> str:
        found = MailDomain.objects.filter(domain=domain).values_list("routing", flat=True).first()
        return found or ""

    def switch(self, *, actor: Any, domain: Domain, mode: str) -> None:
        mail_domain = MailDomain.objects.filter(domain=domain).first()
        if mail_domain is not None:
            routing_switch(actor=actor, mail_domain=mail_domain, mode=mode)


@transaction.atomic
def routing_switch(*, actor: Any, mail_domain: MailDomain, mode: str) -> MailDomain:
    """``mode``, of dnszone.routing.MODES, holds from now on; AUTOMATIC goes on from what held, and looks at
    once. The zone stays as it is. Raises Denied; Refused for no such mode."""
    if mode not in MODES:
        raise Refused(_("Choose one of these."), "mode")
    row = _locked(mail_domain.pk)
    if row is None:
        raise Refused(_("Mail for this domain is no longer taken here."))
    if actor is not None:
        require(actor, Right.ZONE, account=row.domain.account, domain=row.domain)
    if row.routing == mode:
        return row
    guard_domain(actor, row.domain)
    # Off was chosen and is not any more: until somebody has looked, mail is taken.
    holds = mode if mode != AUTOMATIC else LOCAL if row.routing == OFF else row.decided
    row.routing, row.next_look_at = mode, timezone.now()
    _hold(actor, row, Held(holds), {})
    look_soon(row)
    return row


@transaction.atomic
def routing_set(*, actor: Any, mail_domain: MailDomain, mode: str) -> None:
    """As ``routing_switch``, and the zone here goes along: the null MX comes with OFF and goes with it.
    Raises Refused as well for what the zone refuses."""
    zone = Zone.objects.filter(domain=mail_domain.domain).first()
    changes = zone_changes(zone, mail_domain, mode) if zone else []
    if zone is None or not changes:
        routing_switch(actor=actor, mail_domain=mail_domain, mode=mode)
        return
    title = _("Email Routing: %(mode)s") % {"mode": Routing(mode).label}
    note = Note(title=title, routing=mode)
    zone_apply(actor=actor, zone=zone, changes=changes, base_serial=zone.serial, note=note)


def zone_changes(zone: Zone, mail_domain: MailDomain, mode: str) -> list[Change]:
    """What ``routing_set`` does to the zone."""
    mx = [row for row in rows_of(zone) if row.owner == "@" and row.type == "MX"]
    if mode == OFF:
        wanted = [RecordSpec(owner="@", type="MX", rdata=NULL_MX)]
        needed = not _is_null(mx)
    else:
        wanted = mx_back(zone, mail_domain)
        needed = mail_domain.routing == OFF and _is_null(mx)
    if not needed:
        return []
    return [*(Change(record=row.pk) for row in mx), *(Change(spec=spec) for spec in wanted)]


def mx_back(zone: Zone, mail_domain: MailDomain) -> list[RecordSpec]:
    """The MX records that OFF took the place of; else the panel's own."""
    version = ZoneVersion.objects.filter(zone=zone, routing_after=OFF).first()
    gone = [spec_of(entry) for entry in version.gone] if version else []
    before = [spec for spec in gone if (spec.owner, spec.type) == ("@", "MX") and spec.rdata != NULL_MX]
    own = RecordSpec(owner="@", type="MX", rdata=f"10 {mail_domain.node.host}.", managed=managed.MX)
    return before or [own]


def _is_null(mx: list[Row]) -> bool:
    return [row.rdata for row in mx] == [NULL_MX]


@transaction.atomic
def look_wanted(*, actor: Any, mail_domain: MailDomain) -> None:
    """The next look is due now. Raises Denied; Refused when one was made a moment ago."""
    require(actor, Right.ZONE, account=mail_domain.domain.account, domain=mail_domain.domain)
    row = _locked(mail_domain.pk)
    now = timezone.now()
    if row is None or (row.looked_at and now - row.looked_at < PATIENCE):
        raise Refused(_("We looked a moment ago. Wait a few seconds, then look again."))
    row.next_look_at = now
    row.save(update_fields=["next_look_at"])
    look_soon(row)


@transaction.atomic
def look_store(*, mail_domain: MailDomain, finding: Finding) -> MailDomain | None:
    """Keep what a look found. Where a person has chosen it decides nothing, whenever they did. None: the
    domain is gone."""
    row = _locked(mail_domain.pk)
    if row is None:
        return None
    now = timezone.now()
    held = Held(row.decided, row.pending, row.pending_at)
    after = settled(held, finding, now) if row.routing == AUTOMATIC else held
    row.found, row.looked_at = finding.kept(), now
    row.next_look_at = next_look(after, finding, row.decided_at, now)
    if after.decided != row.decided:
        _hold(None, row, after, finding.kept())
        return row
    row.pending, row.pending_at = after.pending, after.pending_at
    if row.routing == AUTOMATIC and finding.mode == row.decided:
        row.decided_why = finding.kept()
    row.save(update_fields=["found", "looked_at", "next_look_at", "pending", "pending_at", "decided_why"])
    return row


def _hold(actor: Any, row: MailDomain, held: Held, why: dict[str, Any]) -> None:
    """``row`` is saved whole, and the node hears of it when that concerns it."""
    push = held.decided != row.decided
    leaves = push and REMOTE in (held.decided, row.decided)
    if push:
        row.moved_until = moved_until(row.decided, held.decided, row.domain, timezone.now())
    row.decided, row.pending, row.pending_at = held.decided, held.pending, held.pending_at
    row.decided_why, row.decided_at = why, timezone.now()
    row.save()
    if push:
        others = leading_into(row) if leaves else []
        push_enqueue(actor=actor, wanted=[mail_domain_wanted(row), *others])


@transaction.atomic
def moves_end(*, now: datetime, at_once: int = 500) -> int:
    """Domains whose MX of before everybody has forgotten: from now on what comes for them is refused. How
    many that were."""
    due = MailDomain.objects.filter(moved_until__lte=now).order_by("moved_until")
    keys = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:at_once])
    MailDomain.objects.filter(pk__in=keys).update(moved_until=None)
    rows = MailDomain.objects.filter(pk__in=keys).select_related("node", "domain__account__reseller")
    push_enqueue(actor=None, wanted=[mail_domain_wanted(row) for row in rows])
    return len(keys)


def mx_changed(domain: Domain) -> None:
    """For dnszone: the MX of the zone are others. Looked at as soon as our name servers show them."""
    mail_domain = MailDomain.objects.filter(domain=domain).first()
    if mail_domain is not None:
        look_soon(mail_domain)


def look_soon(mail_domain: MailDomain) -> None:
    """Once this transaction is committed; without a broker, Beat looks later."""
    transaction.on_commit(lambda: _send_look(mail_domain.pk), robust=True)


def _send_look(pk: int) -> None:
    with suppress(broker.BrokerAway):  # said in the log by the broker's module
        broker.send(TASK_ROUTING_LOOK, PANEL_QUEUE, pk)


def _locked(pk: int) -> MailDomain | None:
    """The lock first, then what is pushed with it: a joined row could be older than the lock."""
    rows = MailDomain.objects.filter(pk=pk)
    if rows.select_for_update().first() is None:
        return None
    found: MailDomain = rows.select_related("node", "domain__account__reseller").get()
    return found
