"""postmaster@ and abuse@ of the provider's own servers, and postmaster without a domain (RFC 5321 §4.5.1):
Postfix writes that one as postmaster@ the server's name (deploy/postfix/commands)."""

from __future__ import annotations

from django.conf import settings

from accounts.models import User
from mailboxes.addresses.graph import reachable
from mailboxes.addresses.states import ROLES, Leads, alias_state, domain_of, leads_of, script_state
from mailboxes.models import MailDomain
from nodeagent import contract
from provision.models import Node, Push
from provision.services import Wanted, push_enqueue


def contact() -> str:
    """The provider's address: the setting, else that of whoever has all rights longest. Empty: nobody."""
    chosen = str(settings.PROVIDER_CONTACT).strip().lower()
    if chosen:
        return chosen
    people = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    return str(people.values_list("email", flat=True).first() or "").lower()


def names_of(node: Node) -> list[str]:
    """The server’s name, unless customers are there. Not the provider’s domain: its mail may be elsewhere."""
    names = [node.host]
    taken = set(MailDomain.objects.filter(domain__name__in=names).values_list("domain__name", flat=True))
    return [name for name in names if name not in taken]


def provider_domain(name: str) -> contract.MailDomain | None:
    """As a node has it; None: none of the provider's own."""
    own = Node.objects.filter(host=name).exists()
    return contract.MailDomain(name=name, plus=False) if own and contact() else None


def provider_leads(address: str) -> Leads | None:
    local, _at, name = address.partition("@")
    to = contact()
    if local not in ROLES or not to or to == address or provider_domain(name) is None:
        return None
    here = MailDomain.objects.filter(domain__name=to.rpartition("@")[2], node__host=name).exists()
    if here and reachable([to]):
        return Leads(inside=(to,))
    return Leads(outside=(to,), home=f"{name}/{local}.provider")


def provider_ensure(node: Node) -> None:
    """For provision.kinds.register_node."""
    if contract.ROLE_MAIL not in node.roles or not contact():
        return
    wanted: list[Wanted] = []
    for name in names_of(node):
        domain = provider_domain(name)
        states: list[tuple[str, str, contract.State | None]] = [(contract.MailDomain.KIND, name, domain)]
        for role in ROLES:
            address = f"{role}@{name}"
            leads = provider_leads(address)
            states.append((contract.Alias.KIND, address, alias_state(address, leads)))
            states.append((contract.Script.KIND, address, script_state(address, leads)))
        wanted += [
            Wanted(node=node, kind=kind, key=f"{kind}/{key}", state=state) for kind, key, state in states
        ]
    push_enqueue(actor=None, wanted=wanted)


def providers_settle() -> None:
    """Beat: the first admin is made after the first node, and the contact may be another one any day."""
    for node in Node.objects.filter(roles__contains=[contract.ROLE_MAIL]):
        keys = [f"{contract.Alias.KIND}/{ROLES[0]}@{name}" for name in names_of(node)]
        held = dict(Push.objects.filter(node=node, key__in=keys).values_list("key", "payload"))
        for key in keys:
            state = alias_state(key.partition("/")[2], provider_leads(key.partition("/")[2]))
            if state is not None and held.get(key) != contract.to_payload(state):
                provider_ensure(node)
                break


def alias_desired(key: str) -> contract.Alias | None:
    """For provision.kinds: of any address."""
    address = key.partition("/")[2]
    return alias_state(address, _leads(address))


def alias_script(owner: str) -> contract.Script | None:
    """Of an address that no mailbox has."""
    return script_state(owner, _leads(owner))


def _leads(address: str) -> Leads | None:
    mail_domain = domain_of(address)
    return leads_of(mail_domain, [address]).get(address) if mail_domain else provider_leads(address)
