"""From rows to what nodes shall have: aliases, and the scripts of those that lead outside.

What an address leads to: targets of its own account on the same node are inside, and Postfix brings the mail
there; all others are outside, and get it by a script once they said yes. Targets of its own at a domain on
another node, or whose mail is elsewhere (Email Routing: Remote), need no yes, and get it by the script too:
it rewrites who sent it (SRS), so that SPF survives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Account, Membership, User
from mailboxes.addresses.graph import elsewhere, reachable
from mailboxes.models import Alias, Consent, Forwarding, Mailbox, MailDomain, RoleContact
from mailboxes.sieve import composing
from nodeagent import contract
from provision.services import Wanted

ROLES = ("postmaster", "abuse")  # RFC 2142 §2, RFC 5321 §4.5.1
QUARANTINE = "Quarantine"
PROBES = 5000  # addresses asked of the index in one query
MARKED = 'header :is "X-Spam" "Yes"'  # by rspamd (deploy/rspamd)
_REDIRECTED = "X-Sieve-Redirected-From"  # Dovecot's own trace of a forwarded mail
_LOOP = "This mail was forwarded by this address before: it goes in a circle."


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """``home``: of what is withheld; only where mail goes ``outside``."""

    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    home: str = ""


def forwards(account: Account) -> bool:
    """Whether the plans let mail go outside."""
    above = account.reseller
    return account.external_forwarding and (above is None or above.external_forwarding)


def takes_all(account: Account) -> bool:
    above = account.reseller
    return account.catch_all and (above is None or above.catch_all)


def catch_all_now(mail_domain: MailDomain) -> str:
    """As the node shall have it: refused without the plan's word, and when the address is gone."""
    wanted = mail_domain.catch_all
    if not wanted or not takes_all(mail_domain.domain.account):
        return ""
    return wanted if "@" not in wanted or reachable([wanted], catch_all=False) else ""


def inside_of(account: Account, targets: Iterable[str]) -> set[str]:
    """Which of these are addresses of the account's own domains, on whatever node."""
    targets = set(targets)
    names = {one.rpartition("@")[2] for one in targets}
    rows = MailDomain.objects.filter(domain__account=account, domain__name__in=names)
    own = set(rows.values_list("domain__name", flat=True)) if names else set()
    return {one for one in targets if one.rpartition("@")[2] in own}


def targets_confirmed(source: str) -> set[str]:
    """The addresses outside that want the mail of ``source``, a mailbox's or an alias's address."""
    rows = Consent.objects.filter(source=source, confirmed_at__isnull=False)
    return set(rows.values_list("target", flat=True))


def leads_of(mail_domain: MailDomain, addresses: Collection[str]) -> dict[str, Leads]:
    """Where each of these goes by an alias; without those that have none, or that nobody would get."""
    account = mail_domain.domain.account
    aliases = {row.address: row for row in Alias.objects.filter(address__in=addresses)}
    targets = {address: row.targets for address, row in aliases.items()}
    homes = {address: row.home for address, row in aliases.items()}
    free: dict[str, set[str]] = {}
    roles = _roles_open(mail_domain, addresses, aliases)
    if roles:
        contact, trusted = role_target(mail_domain)
        for address in roles if contact else ():
            targets[address], free[address] = [contact], {contact} if trusted else set()
            local = address.partition("@")[0]
            homes[address] = f"{mail_domain.domain.name}/{local}.role-{mail_domain.pk}"
    if not targets:
        return {}
    every = {one for some in targets.values() for one in some}
    inside = inside_of(account, every)
    there = reachable(inside) if inside else set()
    away = elsewhere(there, mail_domain.node_id)
    said = _consents(targets) if forwards(account) else set()
    found = {}
    for address, some in targets.items():
        out = [
            one
            for one in some
            if one in away or (one not in inside and ((address, one) in said or one in free.get(address, ())))
        ]
        ins = tuple(one for one in some if one in there and one not in away)
        if ins or out:
            found[address] = Leads(inside=ins, outside=tuple(out), home=homes[address] if out else "")
    return found


def _roles_open(
    mail_domain: MailDomain, addresses: Collection[str], aliases: Mapping[str, Alias]
) -> list[str]:
    """postmaster@ and abuse@ where no mailbox and no alias has them."""
    if mail_domain.alias_of_id:
        return []
    of = {f"{role}@{mail_domain.domain.name}" for role in ROLES}
    asked = [address for address in addresses if address in of and address not in aliases]
    if not asked:
        return []
    taken = set(Mailbox.objects.present().filter(address__in=asked).values_list("address", flat=True))
    return [address for address in asked if address not in taken]


def role_target(mail_domain: MailDomain) -> tuple[str, bool]:
    """Who gets mail to postmaster@ and abuse@, and whether they need not say yes first: the chosen contact,
    else the oldest mailbox, else whoever the account belongs to. Empty: nobody is there."""
    chosen = RoleContact.objects.filter(mail_domain=mail_domain).values_list("address", flat=True).first()
    people = leaders_of(mail_domain.domain.account)
    if chosen and (chosen in people or _works(mail_domain, chosen)):
        return chosen, True
    boxes = Mailbox.objects.present().filter(mail_domain=mail_domain)
    oldest = boxes.order_by("created_at", "pk").values_list("address", flat=True).first()
    if oldest:
        return str(oldest), False
    return (people[0], True) if people else ("", False)


def _works(mail_domain: MailDomain, address: str) -> bool:
    if inside_of(mail_domain.domain.account, [address]):
        return bool(reachable([address]))
    said = Consent.objects.filter(mail_domain=mail_domain, target=address, confirmed_at__isnull=False)
    return forwards(mail_domain.domain.account) and said.exists()


def leaders_of(account: Account) -> list[str]:
    """The sign-in addresses of the account's owners and managers, the owners first; without any, of its
    reseller's. They were proved when they signed up."""
    wanted = (Membership.Role.OWNER, Membership.Role.MANAGER)
    accounts = [account.pk, account.reseller_id] if account.reseller_id else [account.pk]
    rows = Membership.objects.filter(account__in=accounts, role__in=wanted, user__is_active=True)
    found = list(rows.values_list("account", "role", "user__email", "pk"))
    found.sort(key=lambda row: (row[0] != account.pk, row[1] != Membership.Role.OWNER, row[3]))
    staff = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    emails = [row[2].lower() for row in found] or [
        email.lower() for email in staff.values_list("email", flat=True)[:1]
    ]
    return list(dict.fromkeys(emails))


def _consents(targets: Mapping[str, Sequence[str]]) -> set[tuple[str, str]]:
    rows = Consent.objects.filter(source__in=list(targets), confirmed_at__isnull=False)
    return set(rows.values_list("source", "target"))


def alias_state(address: str, leads: Leads | None) -> contract.Alias | None:
    if leads is None:
        return None
    # Its own address last: Postfix follows those before it.
    own = [address] if leads.outside else []
    return contract.Alias(address=address, targets=[*leads.inside, *own], home=leads.home)


def script_state(address: str, leads: Leads | None) -> contract.Script | None:
    """Spam is withheld: it stays in the folder of the address, and the targets' servers think well of
    ours. Mail that this address forwarded before goes back to who sent it."""
    if leads is None or not leads.outside:
        return None
    lines = [
        'require ["fileinto", "mailbox", "reject"];',
        f'if {MARKED} {{ fileinto :create "{QUARANTINE}"; stop; }}',
        f'if header :is "{_REDIRECTED}" "{address}" {{ reject "{_LOOP}"; stop; }}',
        *(f'redirect "{quoted(one)}";' for one in leads.outside),
    ]
    return contract.Script(owner=address, text="\n".join(lines) + "\n")


def quoted(text: str) -> str:
    """Inside a quoted string (RFC 5228 §2.4.2)."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def addresses_wanted(mail_domain: MailDomain, addresses: Collection[str]) -> list[Wanted]:
    """The alias and the script of each; absent where there is none."""
    leads = leads_of(mail_domain, addresses) if addresses else {}
    boxes = Mailbox.objects.present().filter(address__in=addresses).values_list("address", flat=True)
    taken = set(boxes) if addresses else set()
    wanted = []
    for address in dict.fromkeys(addresses):
        found = leads.get(address)
        wanted.append(_wanted(mail_domain, contract.Alias.KIND, address, alias_state(address, found)))
        if address not in taken:  # a mailbox's script is composed of more than this
            wanted.append(_wanted(mail_domain, contract.Script.KIND, address, script_state(address, found)))
    return wanted


def absent_wanted(mail_domain: MailDomain, addresses: Iterable[str]) -> list[Wanted]:
    return [
        _wanted(mail_domain, kind, address, None)
        for address in addresses
        for kind in (contract.Alias.KIND, contract.Script.KIND)
    ]


def role_addresses(mail_domain: MailDomain) -> list[str]:
    return [f"{role}@{mail_domain.domain.name}" for role in ROLES]


def domain_of(address: str) -> MailDomain | None:
    rows = MailDomain.objects.select_related("node", "domain__account__reseller")
    return rows.filter(domain__name=address.rpartition("@")[2]).first()


def _wanted(mail_domain: MailDomain, kind: str, address: str, state: contract.State | None) -> Wanted:
    return Wanted(
        node=mail_domain.node, kind=kind, key=f"{kind}/{address}", state=state, domain=mail_domain.domain
    )


class ForwardingSection:
    """What a mailbox's own forwarding adds to its script (composing.Contributor)."""

    def for_mailboxes(self, mailboxes: Sequence[Mailbox]) -> dict[int, composing.Section]:
        rows = {row.mailbox_id: row for row in Forwarding.objects.filter(mailbox__in=mailboxes)}
        boxes = [one for one in mailboxes if one.pk in rows]
        if not boxes:
            return {}
        said = _consents({one.address: [] for one in boxes})
        found = {}
        for box in boxes:
            targets = live_targets(box, rows[box.pk], said)
            if targets:
                found[box.pk] = _section(box.address, targets, keep=rows[box.pk].keep)
        return found

    def for_domains(self, mail_domains: Sequence[MailDomain]) -> dict[int, composing.Section]:
        return {}


def live_targets(box: Mailbox, row: Forwarding, said: set[tuple[str, str]] | None = None) -> list[str]:
    """Who gets the mailbox's mail now."""
    said = _consents({box.address: []}) if said is None else said
    mail_domain = box.mail_domain
    inside = inside_of(mail_domain.domain.account, row.targets)
    there = reachable(inside) if inside else set()
    out = {target for source, target in said if source == box.address}
    out = out if forwards(mail_domain.domain.account) else set()
    return [one for one in row.targets if one in there or (one in out and one not in inside)]


def _section(address: str, targets: Sequence[str], *, keep: bool) -> composing.Section:
    verb = "redirect :copy" if keep else "redirect"
    orders = " ".join(f'{verb} "{quoted(one)}";' for one in targets)
    test = f'not anyof({MARKED}, header :is "{_REDIRECTED}" "{address}")'
    body = f"if {test} {{ {orders} }}"
    return composing.Section(
        order=composing.FORWARDING, body=body, requires=frozenset({"copy"} if keep else ())
    )


def newcomers_wanted(mail_domains: Sequence[MailDomain], addresses: Sequence[str]) -> list[Wanted]:
    """Of mailboxes at these addresses of these domains (parts.Newcomers)."""
    domains = {one.pk: one for one in mail_domains}
    by_domain = {one.pk: set(role_addresses(one)) for one in mail_domains}
    for start in range(0, len(addresses), PROBES):
        some = addresses[start : start + PROBES]
        rows = Alias.objects.filter(targets__overlap=some) | Alias.objects.filter(address__in=some)
        for pk, address in rows.values_list("mail_domain", "address"):
            by_domain.setdefault(pk, set()).add(address)
    others = MailDomain.objects.filter(pk__in=set(by_domain) - set(domains))
    domains |= {row.pk: row for row in others.select_related("node", "domain__account__reseller")}
    return [
        wanted for pk, some in by_domain.items() for wanted in addresses_wanted(domains[pk], sorted(some))
    ]


class AddressPart:
    """Of mailboxes: the aliases that lead to them, and who gets postmaster@ (parts.Part)."""

    def of_mailboxes(self, mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]:
        domains = {one.mail_domain_id: one.mail_domain for one in mailboxes}
        return newcomers_wanted(list(domains.values()), [one.address for one in mailboxes])

    def of_domain(self, mail_domain: MailDomain, *, absent: bool) -> list[Wanted]:
        rows = Alias.objects.filter(mail_domain=mail_domain).values_list("address", flat=True)
        addresses = [*role_addresses(mail_domain), *rows]
        if absent:
            return absent_wanted(mail_domain, dict.fromkeys(addresses))
        return addresses_wanted(mail_domain, addresses)


def of_domains(domain_ids: Collection[int]) -> list[Wanted]:
    """Everything that follows from plans, for accounts.changes."""
    rows = MailDomain.objects.filter(domain__in=domain_ids)
    found = list(rows.select_related("node", "domain__account__reseller"))
    return [wanted for row in found for wanted in AddressPart().of_domain(row, absent=False)]
