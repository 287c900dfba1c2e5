"""For whom there are settings, and under whose name. The same queries, whatever stands before the @."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from accounts.branding.select import Shown, brand_by_reseller
from accounts.models import Account, Domain
from dnszone import provider
from guides.clientconfig import ClientConfig
from guides.selectors import settings_for

LABELS = ("autoconfig.", "autodiscover.")  # names below a domain that lead to the panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a mail program is told about ``domain`` (A-labels). ``shown``: for people. ``mailboxes``: the
    domain behind the @ of sign-in names: another one for a domain alias, whose addresses are the other's too.
    ``config``: the settings for ``address``. ``name``, ``url``: of the brand, or of the provider; no slash at
    the end."""

    domain: str
    shown: str
    mailboxes: str
    address: str
    config: ClientConfig
    name: str
    url: str

    @property
    def whole(self) -> str:
        """What the person calls the account: the brand's mail at their domain."""
        return f"{self.name} ({self.shown})"


def domain_with_mail(name: str) -> Domain | None:
    """A domain here, proved and with mail, whoever asks: its servers are in the DNS for all to read. Whether
    it, or something above it, is suspended, and where its MX lead, changes nothing: settings that worked go
    on working afterwards, and a stranger learns nothing. One query."""
    rows = _with_mail(name).select_related("account__reseller", "mail__node", "mail__alias_of__domain")
    found: Domain | None = rows.first()
    return found


def is_known(name: str) -> bool:
    """For certificates: a domain with mail here, or the provider's own."""
    return name == settings.PROVIDER_DOMAIN or bool(_with_mail(name).exists())


def known_host(host: str) -> bool:
    """Whether ``host`` is a name at which mail programs look for the settings of a domain of ours."""
    return any(is_known(name) for name in domains_of_host(host))


def domains_of_host(host: str) -> list[str]:
    """The domain that a host's name speaks for, most likely first: ``autoconfig.example.com`` may be a domain
    of its own as well."""
    below = [host.removeprefix(label) for label in LABELS if host.startswith(label)]
    return [*below, host]


def offer_for(local: str, name: str) -> Offer | None:
    """None: no such domain. ``local`` may be empty: the settings then have no user name."""
    domain = domain_with_mail(name)
    if domain is None:
        return None
    target = domain.mail.alias_of.domain.name if domain.mail.alias_of else domain.name
    brand = _brand(domain.account)
    return Offer(
        domain=domain.name,
        shown=domain.display_name,
        mailboxes=target,
        address=f"{local}@{domain.name}" if local else "",
        config=settings_for(f"{local}@{target}" if local else "", domain=domain),
        name=brand.name if brand else settings.PROVIDER_NAME,
        url=brand.url if brand else settings.PANEL_URL,
    )


def panel_host() -> str:
    """Where autoconfig and autodiscover of every domain lead."""
    return provider.panel_address()[0]


def _with_mail(name: str) -> QuerySet[Domain]:
    """Not of a deleted account, although its names are kept for a while."""
    rows: QuerySet[Domain] = Domain.objects.filter(
        name=name, mail__isnull=False, account__deleted_at__isnull=True
    )
    return rows


def _brand(account: Account) -> Shown | None:
    reseller = account.pk if account.kind == Account.Kind.RESELLER else account.reseller_id
    return brand_by_reseller(reseller) if reseller else None
