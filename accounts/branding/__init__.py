"""A reseller's own face: its name, logo, colour, support, and the host names that lead to it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import domains
from accounts.access import Right, require
from accounts.branding import select as brandselect
from accounts.models import Account, Brand, Domain, User
from accounts.selectors import overlapping
from lib import colour, languages
from lib.errors import Refused

_is_url = URLValidator(schemes=["http", "https"])
HOSTS = ("panel_host", "mail_host")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a reseller types; all of it may be empty but ``name``."""

    name: str
    accent: str = ""
    language: str = ""
    support_email: str = ""
    support_url: str = ""
    premium_title: str = ""
    premium_text: str = ""
    premium_url: str = ""
    panel_host: str = ""
    mail_host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look at a brand's host names found (panel.branding.hosts). ``panel``: whether ``panel_host``
    leads to the panel. ``mail_node``: where ``mail_host`` leads with a certificate for it, or empty. None:
    nobody can tell now. ``*_trouble``: why not, for the reseller to read; empty when all is well."""

    panel: bool | None
    panel_trouble: str
    mail_node: str | None
    mail_trouble: str


@transaction.atomic
def brand_set(*, actor: User | None, account: Account, wish: Wish, logo: bytes | None = None) -> Brand:
    """The brand of the reseller ``account`` as wished for; panel.branding.hosts.brand_save, which knows the
    nodes' names, is the way in. ``logo``: as lib.pictures.to_logo gives it; None leaves the one there is.
    Raises Refused with the field of Wish; Denied."""
    require(actor, Right.CLIENTS, account=account)
    if account.kind != Account.Kind.RESELLER:
        raise Refused(_("Only a reseller has a brand of its own."))
    locked = domains.names_lock(account)
    brand: Brand = Brand.objects.filter(account=locked).first() or Brand(account=locked)
    values = _checked(wish) | {field: _host(field, getattr(wish, field), locked) for field in HOSTS}
    if values["panel_host"] != brand.panel_host:
        brand.panel_host_seen_at, brand.panel_host_trouble = None, ""
    if values["mail_host"] != brand.mail_host:
        brand.mail_host_node, brand.mail_host_seen_at, brand.mail_host_trouble = "", None, ""
    for field, value in values.items():
        setattr(brand, field, value)
    if logo is not None:
        brand.logo, brand.logo_sha = logo, hashlib.sha256(logo).hexdigest()
    brand.save()
    transaction.on_commit(brandselect.forget)
    return brand


@transaction.atomic
def logo_remove(*, actor: User | None, account: Account) -> None:
    """Raises Denied. Without a logo the name stands for itself."""
    require(actor, Right.CLIENTS, account=account)
    for brand in Brand.objects.select_for_update().filter(account=account):
        brand.logo, brand.logo_sha = b"", ""
        brand.save(update_fields=["logo", "logo_sha"])
    transaction.on_commit(brandselect.forget)


@transaction.atomic
def hosts_seen(*, brand: Brand, found: Found, now: datetime) -> None:
    """What a look found, if the names are still those looked for. What nobody can say changes nothing but
    the words."""
    row = Brand.objects.select_for_update().filter(pk=brand.pk).first()
    if row is None:
        return
    if row.panel_host == brand.panel_host and row.panel_host:
        row.panel_host_trouble = found.panel_trouble
        if found.panel is not None:
            row.panel_host_seen_at = now if found.panel else None
    if row.mail_host == brand.mail_host and row.mail_host:
        row.mail_host_trouble = found.mail_trouble
        if found.mail_node is not None:
            row.mail_host_node = found.mail_node
            row.mail_host_seen_at = now if found.mail_node else None
    row.save()
    transaction.on_commit(brandselect.forget)


def _checked(wish: Wish) -> dict[str, str]:
    values = {field: " ".join(text.split()) for field, text in asdict(wish).items() if field not in HOSTS}
    for field, text in values.items():
        most = getattr(Brand._meta.get_field(field), "max_length", None)
        if field != "accent" and most and len(text) > most:
            raise Refused(_("At most %(most)d characters fit here.") % {"most": most}, field)
        if not text.isprintable():
            raise Refused(_("There is an invisible character in it. Type it without."), field)
    if not values["name"]:
        raise Refused(_("Type the name that your clients know you by."), "name")
    if values["language"] and languages.known(values["language"]) != values["language"]:
        raise Refused(_("Choose one of the languages."), "language")
    if values["accent"]:
        values["accent"] = colour.parse(values["accent"]) or _refuse_colour()
    if values["support_email"]:
        _check_email(values["support_email"])
    for field in ("support_url", "premium_url"):
        _check_url(values[field], field)
    if (values["premium_text"] or values["premium_url"]) and not values["premium_title"]:
        raise Refused(_("Give it a title, or empty its text and its link as well."), "premium_title")
    return values


def _refuse_colour() -> str:
    raise Refused(_("That is no colour the panel knows. Type six digits, like #1a5fb4."), "accent")


def _check_email(text: str) -> None:
    try:
        validate_email(text)
    except ValidationError:
        raise Refused(_("Type a whole address, like help@example.com."), "support_email") from None


def _check_url(text: str, field: str) -> None:
    """http and https alone, and no name before an @: ``https://bank.example@evil.example``."""
    if not text:
        return
    try:
        _is_url(text)
    except ValidationError:
        raise Refused(_("Type a whole link that begins with https:// or http://."), field) from None
    if urlsplit(text).username is not None:
        raise Refused(_("A name before an @ in a link hides where it leads. Type it without."), field)


def _host(field: str, typed: str, account: Account) -> str:
    """A-labels. Under names_lock, so nobody else takes it meanwhile."""
    if not typed.strip():
        return ""
    try:
        name, display = domains.name_wanted(typed)
    except Refused as refused:
        raise Refused(refused.message, field) from None
    held = Domain.objects.filter(name=name).exclude(account=account).exists()
    if held or overlapping(name, account):
        raise Refused(
            _("%(name)s belongs to a domain of another account. Choose a name below a domain of your own.")
            % {"name": display},
            field,
        )
    _take_from_others(name, display, field, account)
    return name


def _take_from_others(name: str, display: str, field: str, account: Account) -> None:
    """A name is one brand's. Only whoever has proved the domain takes it from whoever merely typed it."""
    labels = name.split(".")
    above = [".".join(labels[i:]) for i in range(len(labels))]
    proved = Domain.objects.filter(account=account, name__in=above).exists()
    others = Brand.objects.exclude(account=account)
    for host in HOSTS:
        for brand in others.filter(**{host: name}):
            if not proved:
                raise Refused(
                    _("%(name)s is in use by somebody else already. Choose another name.")
                    % {"name": display},
                    field,
                )
            setattr(brand, host, "")
            brand.save(update_fields=[host])
