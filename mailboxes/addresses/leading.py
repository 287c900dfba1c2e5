"""What leads to the addresses of a domain, told to nodes anew."""

from __future__ import annotations

from mailboxes.addresses.states import addresses_wanted, role_addresses
from mailboxes.models import Alias, MailDomain, RoleContact
from provision.services import Wanted


def leading_into(mail_domain: MailDomain) -> list[Wanted]:
    """What leads to its addresses, for when its mail goes elsewhere or comes back."""
    ending = f"@{mail_domain.domain.name}"
    by_domain: dict[int, set[str]] = {}
    aliases = Alias.objects.filter(targets__icontains=ending).values_list("mail_domain", "address", "targets")
    for pk, address, targets in aliases:
        if any(one.endswith(ending) for one in targets):
            by_domain.setdefault(pk, set()).add(address)
    contacts = RoleContact.objects.filter(address__endswith=ending).values_list("mail_domain", flat=True)
    rows = MailDomain.objects.filter(pk__in={mail_domain.pk, *by_domain, *contacts})
    wanted: list[Wanted] = []
    for row in rows.select_related("node", "domain__account__reseller"):
        roles = role_addresses(row) if row.pk == mail_domain.pk or row.pk in set(contacts) else []
        wanted += addresses_wanted(row, sorted({*by_domain.get(row.pk, ()), *roles}))
    return wanted
