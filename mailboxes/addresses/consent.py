"""Asking an address outside whether it wants the mail: by a link that goes there and nowhere else."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection
from typing import Any

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.branding.select import brand_of, panel_url_for
from lib.errors import Refused
from mailboxes.addresses.states import addresses_wanted, forwards, inside_of, role_addresses
from mailboxes.models import Consent, Mailbox, MailDomain
from mailboxes.sieve.composing import scripts_wanted
from notices import kinds
from notices.services import notice_send
from provision.services import push_enqueue

VALID = dt.timedelta(days=14)
PAUSE = dt.timedelta(minutes=10)  # before the same target is asked the same again
MOST_ASKED = 5  # times for one forwarder
MOST_A_DAY = 6  # questions to one address, whoever asks
MOST_OF_ACCOUNT = 100  # questions of one account in a day
SALT = "mailboxes.forwarding"
KIND = "forward_confirm"


def targets_ask(
    *, mail_domain: MailDomain, source: str, targets: Collection[str], field: str = "targets"
) -> list[str]:
    """Write to those outside that were not asked yet; those who are asked now. Inside a transaction. Raises
    Refused at ``field`` where the plan forwards nothing, or too many were asked today."""
    account = mail_domain.domain.account
    outside = set(targets) - inside_of(account, targets)
    if outside and not forwards(account):
        text = _(
            "The plan of this account does not forward mail to other providers. Use addresses of your own "
            "domains, or ask for another plan."
        )
        raise Refused(text, field)
    known = set(Consent.objects.filter(source=source, target__in=outside).values_list("target", flat=True))
    new = sorted(outside - known)
    _throttle(mail_domain, new, field)
    for target in new:
        row = Consent.objects.create(
            mail_domain=mail_domain, source=source, target=target, nonce=secrets.token_hex(8)
        )
        _mail(row)
    return new


def _throttle(mail_domain: MailDomain, targets: Collection[str], field: str) -> None:
    since = timezone.now() - dt.timedelta(days=1)
    account = mail_domain.domain.account
    today = Consent.objects.filter(mail_domain__domain__account=account, asked_at__gt=since).count()
    if targets and today + len(targets) > MOST_OF_ACCOUNT:
        text = _("More than %(n)d addresses were asked today. Add the others tomorrow.")
        raise Refused(text % {"n": MOST_OF_ACCOUNT}, field)
    for target in targets:
        if Consent.objects.filter(target=target, asked_at__gt=since).count() >= MOST_A_DAY:
            text = _("%(target)s was asked often today. Try again tomorrow.")
            raise Refused(text % {"target": target}, field)


@transaction.atomic
def consent_resend(*, consent: Consent) -> None:
    """Once more, with a new link; the older one is void. The caller checks rights. Raises Refused."""
    row = Consent.objects.select_for_update().filter(pk=consent.pk).first()
    if row is None or row.confirmed_at:
        return
    now = timezone.now()
    if now - row.asked_at < PAUSE:
        raise Refused(
            _("The mail was sent a moment ago. Look into the spam folder there, or wait ten minutes.")
        )
    if row.asked >= MOST_ASKED:
        text = _("%(target)s was asked %(n)d times. Take the address out and use another way to reach it.")
        raise Refused(text % {"target": row.target, "n": row.asked})
    row.nonce, row.asked, row.asked_at = secrets.token_hex(8), row.asked + 1, now
    row.save(update_fields=["nonce", "asked", "asked_at"])
    _mail(row)


def token_of(consent: Consent) -> str:
    return signing.TimestampSigner(salt=SALT).sign(f"{consent.pk}.{consent.nonce}")


def consent_of(token: str) -> Consent | None:
    """What a link is about; None: not ours, too old, replaced, or no longer wanted."""
    try:
        key, _dot, nonce = signing.TimestampSigner(salt=SALT).unsign(token, max_age=VALID).partition(".")
    except signing.BadSignature:
        return None
    rows = Consent.objects.select_related("mail_domain__node", "mail_domain__domain__account__reseller")
    return rows.filter(pk=int(key), nonce=nonce).first() if key.isdecimal() else None


@transaction.atomic
def consent_give(*, consent: Consent) -> bool:
    """The target wants it. False: it said so already, or nobody forwards there any more."""
    row = Consent.objects.select_for_update().filter(pk=consent.pk, nonce=consent.nonce).first()
    if row is None or row.confirmed_at:
        return False
    row.confirmed_at = timezone.now()
    row.save(update_fields=["confirmed_at"])
    source_push(actor=None, mail_domain=consent.mail_domain, source=row.source)
    return True


@transaction.atomic
def consent_refuse(*, consent: Consent) -> None:
    """The target does not want it, or no longer."""
    Consent.objects.filter(pk=consent.pk).update(
        confirmed_at=None, asked=MOST_ASKED, nonce=secrets.token_hex(8)
    )
    source_push(actor=None, mail_domain=consent.mail_domain, source=consent.source)


def source_push(*, actor: Any, mail_domain: MailDomain, source: str) -> None:
    """What follows for an address when somebody said yes or no."""
    boxes = list(Mailbox.objects.present().filter(address=source, mail_domain=mail_domain))
    for box in boxes:
        box.mail_domain = mail_domain
    roles = role_addresses(mail_domain)
    wanted = addresses_wanted(mail_domain, roles if source in roles else [source])
    push_enqueue(actor=actor, wanted=[*wanted, *scripts_wanted(boxes)])


def consents_forget(*, source: str, but: Collection[str] = ()) -> None:
    """Those that this address leads to no longer."""
    Consent.objects.filter(source=source).exclude(target__in=but).delete()


def _mail(row: Consent) -> None:
    account = row.mail_domain.domain.account
    context = {"consent": row.pk, "nonce": row.nonce, "source": row.source, "days": VALID.days}
    notice_send(
        kind=KIND,
        to=row.target,
        context=context | {"base": panel_url_for(account)},
        brand=brand_of(account),
    )


def links(context: dict[str, Any]) -> dict[str, Any] | None:
    row = Consent.objects.filter(pk=context["consent"], nonce=context["nonce"], confirmed_at=None).first()
    if row is None:
        return None
    return {"url": f"{context['base'].rstrip('/')}{reverse('forward-confirm', args=[token_of(row)])}"}


kinds.register(
    kinds.Kind(
        name=KIND,
        label=gettext_lazy("An address is asked whether it wants forwarded mail"),
        subject=lambda context: _("Do you want the mail of %(source)s?") % context,
        security=True,
        links=links,
    )
)
