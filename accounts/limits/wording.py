"""The names of limits and their amounts, as every page and refusal says them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from lib.templatetags.ui import count, mb


def label(limit: str) -> str:
    """``storage in total``, with a capital: it begins a line or stands in quotes."""
    name = str(getattr(Account._meta.get_field(limit), "verbose_name", limit))
    return name[:1].upper() + name[1:]


def amount(limit: str, number: int, *, bare: bool = False) -> str:
    """``3 domains``, ``10 GB``; ``bare``: the number, or the size with its unit."""
    if limit in {"storage_mb", "mailbox_mb"}:
        return mb(number)
    if bare:
        return count(number)
    texts = {
        "max_domains": ngettext("%(n)s domain", "%(n)s domains", number),
        "max_mailboxes": ngettext("%(n)s mailbox", "%(n)s mailboxes", number),
        "max_forwarders": ngettext("%(n)s forwarder", "%(n)s forwarders", number),
        "sends_per_hour": ngettext("%(n)s mail per hour", "%(n)s mails per hour", number),
        "log_days": ngettext("%(n)s day", "%(n)s days", number),
    }
    return texts[limit] % {"n": count(number)}


def switched(on: bool) -> str:
    return _("on") if on else _("off")
