"""A reseller's own face, and the provider's rules for signing in."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from lib.said import SaidTextField

# What a look finds is no change that anybody made.
_SEEN = [
    "panel_host_seen_at",
    "panel_host_trouble",
    "mail_host_node",
    "mail_host_seen_at",
    "mail_host_trouble",
]


@pghistory.track(exclude=["logo", *_SEEN])
class Brand(models.Model):
    """What a reseller's clients see instead of the provider. ``logo``: PNG that we encoded ourselves, under
    200 kB; ``logo_sha`` its SHA-256 in hex, empty without one. ``accent``: #rrggbb as it was chosen;
    lib.colour.readable makes the pair that is shown. ``panel_host``: the visitor's Host that chooses it;
    links in mails lead there once it was seen to lead to us, until then ``panel_host_trouble`` says why not.
    ``language``: of its pages and mails for whoever has chosen none; empty: the provider's.
    ``mail_host``: the servers' name in guides for domains on ``mail_host_node``, the name of the node that it
    leads to and that has a certificate for it; empty until seen so, ``mail_host_trouble`` then says why."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="brand")
    name = models.CharField(_("name"), max_length=60)
    logo = models.BinaryField(blank=True, default=b"")
    logo_sha = models.CharField(max_length=64, blank=True, db_index=True)
    accent = models.CharField(_("accent colour"), max_length=7, blank=True)
    support_email = models.EmailField(_("support address"), blank=True)
    support_url = models.URLField(_("support page"), blank=True, max_length=300)
    language = models.CharField(_("language"), max_length=12, blank=True)
    premium_title = models.CharField(_("premium mail: title"), max_length=60, blank=True)
    premium_text = models.CharField(_("premium mail: what it is"), max_length=300, blank=True)
    premium_url = models.URLField(_("premium mail: link"), blank=True, max_length=300)
    panel_host = models.CharField(_("panel’s host name"), max_length=253, blank=True, db_collation="C")
    panel_host_seen_at = models.DateTimeField(null=True, blank=True)
    panel_host_trouble = SaidTextField(blank=True)
    mail_host = models.CharField(_("servers’ host name"), max_length=253, blank=True, db_collation="C")
    mail_host_node = models.CharField(max_length=32, blank=True)
    mail_host_seen_at = models.DateTimeField(null=True, blank=True)
    mail_host_trouble = SaidTextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("panel_host"), condition=~models.Q(panel_host=""), name="brand_panel_host_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class SignInRules(models.Model):
    """One row: which people need a second step to sign in. ``roles``: values of NEEDED."""

    NEEDED = [
        ("staff", _("the provider’s staff")),
        ("reseller", _("resellers’ people")),
        ("owner", _("owners")),
        ("manager", _("managers")),
        ("creator", _("mailbox creators")),
        ("reader", _("read only")),
    ]

    roles = ArrayField(
        models.CharField(max_length=8, choices=NEEDED),
        verbose_name=_("need a second step"),
        default=list,
        blank=True,
    )

    class Meta:
        verbose_name = verbose_name_plural = _("rules for signing in")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="sign_in_rules_one_row")]

    def __str__(self) -> str:
        return str(_("Rules for signing in"))
