"""What may be had: the numbers and switches that a plan and an account share."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# The most that a number may say; the least is 1. Beyond it a typing error is likelier than a wish.
MOST = {
    "max_domains": 100_000,
    "max_mailboxes": 1_000_000,
    "max_forwarders": 1_000_000,
    "storage_mb": 1_000_000_000,
    "mailbox_mb": 10_000_000,
    "sends_per_hour": 1_000_000,
    "log_days": 400,
}
# Handed out of a reseller's pool as a sum; the others only may not be more than the reseller's own.
SUMMED = ("max_domains", "max_mailboxes", "max_forwarders", "storage_mb", "sends_per_hour")
CEILINGS = ("mailbox_mb", "log_days")
FEATURES = ("pop3", "catch_all", "external_forwarding", "dns_editing", "import_mail", "api")
LIMITS = (*MOST, *FEATURES)


class Limits(models.Model):
    """Numbers are at least 1 and at most ``MOST``. Sizes in MiB."""

    max_domains = models.PositiveIntegerField(_("domains"), default=10)
    max_mailboxes = models.PositiveIntegerField(_("mailboxes"), default=25)
    max_forwarders = models.PositiveIntegerField(_("forwarders"), default=50)
    storage_mb = models.PositiveIntegerField(_("storage in total"), default=20_480)
    mailbox_mb = models.PositiveIntegerField(_("storage of one mailbox"), default=20_480)
    sends_per_hour = models.PositiveIntegerField(_("mails sent per hour"), default=500)
    log_days = models.PositiveIntegerField(_("days in Track Delivery"), default=30)
    pop3 = models.BooleanField(_("POP3"), default=True)
    catch_all = models.BooleanField(_("catch-all"), default=True)
    external_forwarding = models.BooleanField(_("forwarding to other providers"), default=True)
    dns_editing = models.BooleanField(_("Zone Editor"), default=True)
    import_mail = models.BooleanField(_("import of mail"), default=True)
    api = models.BooleanField(_("API"), default=True)

    class Meta:
        abstract = True


def in_range(prefix: str) -> list[models.CheckConstraint]:
    """The database's own word on every number."""
    return [
        models.CheckConstraint(
            condition=Q((f"{field}__gte", 1), (f"{field}__lte", most)), name=f"{prefix}_{field}_in_range"
        )
        for field, most in MOST.items()
    ]
