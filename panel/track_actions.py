"""The buttons of a message's page: what this person can do about its outcome, now."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.access import Right, is_provider, may
from accounts.models import Domain
from delivery import actions
from delivery.actions import Action, Asked
from delivery.explain import Text
from delivery.models import Direction, Status
from delivery.text import domain_of
from mailboxes.models import Alias, AppPassword, Mailbox, WebsiteSender

HERE = "here"  # the preset of our own mail records (dnszone.presets)


def listen() -> None:
    """What the panel knows how to do, for every slug of delivery.explain.Action."""
    actions.register_labels(labels_of)
    for slug, maker in _MAKERS.items():
        actions.register(slug, maker)


def labels_of(keys: set[str]) -> dict[str, str]:
    """Of app passwords and of websites' sign-ins."""
    apps = AppPassword.objects.filter(key__in=keys).values_list("key", "label")
    sites = WebsiteSender.objects.filter(key__in=keys).values_list("key", "label")
    return dict(apps.union(sites))


def _domain(asked: Asked, right: Right) -> Domain | None:
    """The domain of this row, if the person has ``right`` in it."""
    if asked.entry.domain_id is None:
        return None
    rows = Domain.objects.visible_to(asked.actor).select_related("account__reseller")
    found: Domain | None = rows.filter(pk=asked.entry.domain_id).first()
    if found is None or not may(asked.actor, right, account=found.account, domain=found):
        return None
    return found


def _mailbox(asked: Asked, address: str, right: Right = Right.MANAGE) -> tuple[Domain, Mailbox] | None:
    domain = _domain(asked, right)
    if domain is None or domain_of(address) != domain.name:
        return None
    local, _at, name = address.lower().rpartition("@")
    plain = f"{local.partition('+')[0]}@{name}"
    rows = Mailbox.objects.visible_to(asked.actor).present()
    found = {box.address: box for box in rows.filter(address__in={address.lower(), plain})}
    box = found.get(address.lower()) or found.get(plain)
    return (domain, box) if box is not None else None


def _ours(asked: Asked) -> str:
    """Whose mailbox this row is about: who sent it, or whom it is for."""
    entry = asked.entry
    if entry.direction == Direction.IN or (entry.status == Status.REJECTED and not entry.login):
        return entry.address if entry.direction != Direction.OUT else entry.sender or ""
    return entry.login or entry.sender or ""


def raise_quota(asked: Asked) -> Action | None:
    found = _mailbox(asked, asked.entry.address)
    if found is None:
        return None
    url = reverse("mailbox-quota", args=[found[0].name, found[1].local])
    return Action(label=_("Give the mailbox more storage"), url=url)


def resume(asked: Asked) -> Action | None:
    address = asked.entry.address if asked.outcome.slug == "receiving-suspended" else _ours(asked)
    found = _mailbox(asked, address)
    if found is None:
        return None
    domain, box = found
    if asked.outcome.slug == "smtp-switched-off":
        url = reverse("mailbox-protocols", args=[domain.name, box.local])
        return None if box.smtp else Action(label=_("Switch sending on"), url=url)
    if box.is_suspended:
        url = reverse("mailbox-resume", args=[domain.name, box.local])
        return Action(label=_("Resume the mailbox"), url=url)
    if domain.is_suspended:
        return Action(label=_("Resume the domain"), url=reverse("domain-resume", args=[domain.name]))
    return None


def create_mailbox(asked: Asked) -> Action | None:
    address = asked.entry.address
    domain = _domain(asked, Right.MAKE)
    if domain is None or domain_of(address) != domain.name:
        return None
    local = address.rpartition("@")[0].lower()
    if Mailbox.objects.present().filter(address=f"{local}@{domain.name}").exists():
        return None
    url = f"{reverse('mailbox-new', args=[domain.name])}?{urlencode({'local': local[:64]})}"
    return Action(label=_("Make this mailbox"), url=url)


def unblock_sender(asked: Asked) -> Action | None:
    if not asked.entry.sender:
        return None
    query = urlencode({"sender": asked.entry.sender[:320]})
    found = _mailbox(asked, asked.entry.address)
    if found is not None:
        url = reverse("mailbox-spam", args=[found[0].name, found[1].local])
        return Action(label=_("Let this sender in"), url=f"{url}?{query}")
    domain = _domain(asked, Right.MANAGE)
    if domain is None:
        return None
    return Action(label=_("Let this sender in"), url=f"{reverse('domain-spam', args=[domain.name])}?{query}")


def _records(label: Text) -> actions.Maker:
    def make(asked: Asked) -> Action | None:
        domain = _domain(asked, Right.ZONE)
        if domain is None or (asked.entry.sender and domain_of(asked.entry.sender) != domain.name):
            return None
        url = reverse("zone-preset", args=[domain.name, HERE])
        return Action(label=label, url=url)

    return make


def open_forwarder(asked: Asked) -> Action | None:
    entry = asked.entry
    domain = _domain(asked, Right.MANAGE)
    if domain is None:
        return None
    for address in filter(None, (entry.via, entry.address)):
        local, _at, name = address.lower().rpartition("@")
        alias = Alias.objects.filter(mail_domain__domain=domain, local=local)
        if name == domain.name and alias.exists():
            return Action(label=_("Open the forwarder"), url=reverse("forwarder", args=[domain.name, local]))
    found = _mailbox(asked, entry.login)
    if found is None:
        return None
    url = reverse("mailbox-forwarding", args=[domain.name, found[1].local])
    return Action(label=_("Open the forwarding"), url=url)


def fix_address(asked: Asked) -> Action | None:
    """What somebody typed into a mail is theirs to correct; what a forwarder sends to is ours."""
    return open_forwarder(asked) if asked.entry.via else None


def ask_delisting(asked: Asked) -> Action | None:
    outcome, entry = asked.outcome, asked.entry
    if not is_provider(asked.actor):
        note = _("Only your provider can ask for this. Send them this answer:")
        return Action(label="", note=note, copy=entry.reply[:500])
    if not outcome.link:
        return None
    note = _("The answer names the address of our server that they ask about:")
    label = _("Ask for delisting")
    return Action(label=label, url=outcome.link, note=note, copy=entry.reply[:500], away=True)


def raise_limit(asked: Asked) -> Action | None:
    found = _mailbox(asked, _ours(asked))
    if found is not None and asked.outcome.slug == "limit-mailbox":
        url = reverse("mailbox-sending", args=[found[0].name, found[1].local])
        return Action(label=_("Change the sending limit"), url=url)
    domain = found[0] if found is not None else _domain(asked, Right.MANAGE)
    if domain is None:
        return None
    return Action(label=_("Change the sending limit"), url=reverse("domain-sending", args=[domain.name]))


def open_identities(asked: Asked) -> Action | None:
    found = _mailbox(asked, asked.entry.login, Right.MAKE)
    if found is None:
        return None
    url = reverse("mailbox-identities", args=[found[0].name, found[1].local])
    return Action(label=_("Let it send as this address"), url=url)


def open_routing(asked: Asked) -> Action | None:
    domain = _domain(asked, Right.MANAGE)
    if domain is None or domain_of(asked.entry.address) != domain.name:
        return None
    return Action(label=_("Open Email Routing"), url=reverse("routing", args=[domain.name]))


def _queue(label: Text) -> actions.Maker:
    def make(asked: Asked) -> Action | None:
        entry = asked.entry
        if entry.status not in {Status.DEFERRED, Status.HELD} or not entry.queue_id:
            return None
        query = urlencode({"id": entry.queue_id})
        if is_provider(asked.actor):
            return Action(label=label, url=f"{reverse('queue-all')}?{query}")
        domain = _domain(asked, Right.MANAGE) if entry.direction != Direction.IN else None
        if domain is None:
            return None
        return Action(label=label, url=f"{reverse('queue', args=[domain.name])}?{query}")

    return make


_MAKERS: dict[str, actions.Maker] = {
    "raise-quota": raise_quota,
    "resume": resume,
    "create-mailbox": create_mailbox,
    "unblock-sender": unblock_sender,
    "add-spf": _records(_l("Add our server to SPF")),
    "sign-dkim": _records(_l("Sign with DKIM")),
    "set-dmarc": _records(_l("Set the DMARC record")),
    "open-forwarder": open_forwarder,
    "fix-address": fix_address,
    "ask-delisting": ask_delisting,
    "raise-limit": raise_limit,
    "open-identities": open_identities,
    "open-routing": open_routing,
    "retry-now": _queue(_l("Try it now, in the Mail Queue")),
    "release": _queue(_l("Let it go, in the Mail Queue")),
}
