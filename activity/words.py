"""What tables, columns and values are called for people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib import said
from lib.dates import written
from lib.templatetags.ui import count, mb

# model: (the kind in the filter, the object in a sentence)
THINGS: dict[str, tuple[str | Promise, str | Promise]] = {
    "mailboxes.mailbox": (gettext_lazy("Mailboxes"), gettext_lazy("the mailbox")),
    "mailboxes.bulkmade": (gettext_lazy("Many mailboxes at once"), gettext_lazy("the mailboxes of")),
    "accounts.domain": (gettext_lazy("Domains"), gettext_lazy("the domain")),
    "accounts.domainclaim": (gettext_lazy("Domains waiting for proof"), gettext_lazy("the waiting domain")),
    "dnszone.record": (gettext_lazy("DNS records"), gettext_lazy("the record")),
    "dnszone.zoneversion": (gettext_lazy("Changes of a zone"), gettext_lazy("the records")),
    "dnszone.zone": (gettext_lazy("Zones"), gettext_lazy("the zone")),
    "dnszone.zonetemplate": (gettext_lazy("Zone templates"), gettext_lazy("the zone template")),
    "dnszone.zonesigning": (gettext_lazy("DNSSEC"), gettext_lazy("DNSSEC of")),
    "mailboxes.alias": (gettext_lazy("Forwarders"), gettext_lazy("the forwarder")),
    "mailboxes.forwarding": (gettext_lazy("Forwarding of mailboxes"), gettext_lazy("the forwarding of")),
    "mailboxes.rolecontact": (
        gettext_lazy("Who gets postmaster and abuse"),
        gettext_lazy("the contact for postmaster and abuse"),
    ),
    "mailboxes.maildomain": (gettext_lazy("Mail of domains"), gettext_lazy("the mail of")),
    "mailboxes.compromise": (gettext_lazy("Stopped from sending"), gettext_lazy("the stop of")),
    "mailboxes.cleanup": (gettext_lazy("Clean-ups"), gettext_lazy("a clean-up of")),
    "mailboxes.autoresponder": (gettext_lazy("Autoresponders"), gettext_lazy("the autoresponder of")),
    "mailboxes.mailboxfilter": (gettext_lazy("Filters"), gettext_lazy("the filter")),
    "mailboxes.domainfilter": (gettext_lazy("Filters of domains"), gettext_lazy("the domain’s filter")),
    "mailboxes.mailboxspam": (gettext_lazy("Spam"), gettext_lazy("the spam settings of")),
    "mailboxes.domainspam": (gettext_lazy("Spam of domains"), gettext_lazy("the spam settings of")),
    "mailboxes.mailboxlistentry": (
        gettext_lazy("Allowlist and Denylist"),
        gettext_lazy("the listed sender"),
    ),
    "mailboxes.domainlistentry": (
        gettext_lazy("Allowlist and Denylist of domains"),
        gettext_lazy("the listed sender"),
    ),
    "delivery.queueaction": (gettext_lazy("Mail Queue"), gettext_lazy("waiting mail")),
    "delivery.noticeagain": (
        gettext_lazy("Notices about undelivered mail"),
        gettext_lazy("the notice to"),
    ),
    "mailboxes.dkimkey": (gettext_lazy("Signing keys"), gettext_lazy("the signing key")),
    "mailboxes.apppassword": (gettext_lazy("App passwords"), gettext_lazy("the app password")),
    "mailboxes.sendinglimit": (gettext_lazy("Sending limits"), gettext_lazy("the sending limits of")),
    "mailboxes.identity": (gettext_lazy("Sender identities"), gettext_lazy("the sender identity")),
    "guides.sharelink": (gettext_lazy("Shared guides"), gettext_lazy("the shared guides of")),
    "guides.supportrequest": (gettext_lazy("Questions to support"), gettext_lazy("the question")),
    "mailboxes.websitesender": (gettext_lazy("Website senders"), gettext_lazy("the website sender")),
    "accounts.membership": (gettext_lazy("Team"), gettext_lazy("the place of")),
    "accounts.membershipdomain": (gettext_lazy("Team: domains"), gettext_lazy("the domains of")),
    "accounts.invitation": (gettext_lazy("Invitations"), gettext_lazy("the invitation of")),
    "accounts.user": (gettext_lazy("People"), gettext_lazy("the person")),
    "mfa.authenticator": (gettext_lazy("Two-step sign-in"), gettext_lazy("the second step of")),
    "accounts.account": (gettext_lazy("Account and limits"), gettext_lazy("the account")),
    "accounts.acting": (gettext_lazy("Acting for a client"), gettext_lazy("acting for")),
    "accounts.plan": (gettext_lazy("Plans"), gettext_lazy("the plan")),
    "provision.node": (gettext_lazy("Servers"), gettext_lazy("the server")),
    "accounts.brand": (gettext_lazy("Branding"), gettext_lazy("the brand")),
    "accounts.signinrules": (gettext_lazy("Rules for signing in"), gettext_lazy("the rules for signing in")),
}
# Shorter than the column's own name.
_FIELDS: dict[str, str | Promise] = {
    "quota_mb": gettext_lazy("quota"),
    "password": gettext_lazy("password"),
    "password_hash": gettext_lazy("password"),
    "logo": gettext_lazy("logo"),
    "domains": gettext_lazy("domains"),
    "node_id": gettext_lazy("server"),
    "kind": gettext_lazy("kind"),
    "managed": gettext_lazy("kept by"),
    "type": gettext_lazy("type"),
    "display_name": gettext_lazy("name as people read it"),
    "seen": gettext_lazy("last look"),
}
HUSHED = [None, None]  # the diff of what changed and is not told


def thing(model: str) -> str:
    return str(THINGS[model][1]) if model in THINGS else model


def field_label(model: str, column: str) -> str:
    if column in _FIELDS:
        return str(_FIELDS[column])
    field = _field(model, column)
    return str(field.verbose_name) if field is not None else column.replace("_", " ")


def value(model: str, column: str, given: Any) -> str:
    """A value as a page of the panel shows it; a dash for nothing."""
    if given is None or given in ("", [], {}):
        return "–"
    if column == "language":
        return str(dict(settings.LANGUAGES).get(given, given))
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if isinstance(given, list):
        return ", ".join(value(model, column, item) for item in given)
    if isinstance(given, int | float):
        return mb(given) if column.endswith("_mb") else count(given)
    return _text(_field(model, column), said.read(str(given)))


def _text(field: models.Field[Any, Any] | None, given: str) -> str:
    choices = dict(field.flatchoices) if field is not None and field.choices else {}
    if given in choices:
        return str(choices[given])
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(given)):
        return clock(moment)
    return given


def clock(moment: dt.datetime) -> str:
    """``17 Nov 2026, 04:31:07``, in the panel's zone."""
    return written(timezone.localtime(moment), "j M Y, H:i:s")


def _field(model: str, column: str) -> models.Field[Any, Any] | None:
    """By the column's or the field's name; None for a model or a column of another time."""
    try:
        found = apps.get_model(model)._meta.get_field(column.removesuffix("_id"))
    except (LookupError, FieldDoesNotExist):
        return None
    return found if isinstance(found, models.Field) else None
