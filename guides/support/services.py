"""A question goes to whoever supports the asker: the brand's address, else the provider's."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.branding.select import brand_of, brand_of_user
from guides.models import SupportRequest
from guides.support.about import About
from guides.support.diagnostics import Part
from guides.support.mails import COPY, TO_SUPPORT
from lib.errors import Refused
from mailboxes.addresses.provider import contact
from mailboxes.people import MailboxUser
from mailboxes.selectors import mailbox_locked
from notices.services import notice_send

MOST = 5  # of one person in WITHIN
WITHIN = dt.timedelta(hours=1)
TEXT_MOST = 5000
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is mistaken for another


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Whom to ask. ``email`` empty: nobody can be written to from here; ``page``: then perhaps this.
    ``name``: of the brand or the provider. ``brand``: the face of the mails."""

    name: str
    email: str
    page: str
    brand: dict[str, Any]


def desk_of(actor: Any) -> Desk:
    """The reseller's whose client this is, else the provider's. A mailbox's own user asks the support of
    whoever runs the mail, not the domain's owner: no owner promised an answer."""
    own = isinstance(actor, MailboxUser)
    brand = brand_of(actor.mail_domain.domain.account) if own else brand_of_user(actor)
    return Desk(
        name=brand.get("name") or settings.PROVIDER_NAME,
        email=brand.get("support_email") or settings.SUPPORT_EMAIL or contact(),
        page=brand.get("support_url", ""),
        brand=brand,
    )


@transaction.atomic
def support_ask(
    *, actor: Any, about: About, text: str, attached: list[Part], language: str
) -> SupportRequest:
    """``attached``: of what was shown to ``actor``. Two mails leave once this is committed. Raises Refused at
    ``text``, or without a field when there is nobody to ask or enough was asked."""
    text = text.strip().replace("\r\n", "\n")
    if not text or len(text) > TEXT_MOST:
        words = _("Write what you want to know, in at most %(most)d characters.")
        raise Refused(words % {"most": TEXT_MOST}, "text")
    desk = desk_of(actor)
    if not desk.email:
        raise Refused(_("There is no support address to write to."))
    _room(actor)
    own = isinstance(actor, MailboxUser)
    reference = "PR-" + "".join(secrets.choice(_SIGNS) for _each in range(8))
    row: SupportRequest = SupportRequest.objects.create(
        reference=reference,
        domain=about.domain,
        user_id=None if own else actor.pk,
        mailbox_id=about.mailbox.pk if about.mailbox else None,
        about=about.key,
        text=text,
        attached={part.title: part.lines for part in attached},
        to=desk.email,
    )
    _mails(row, actor, desk, attached, about, language)
    return row


def _mails(
    row: SupportRequest, actor: Any, desk: Desk, attached: list[Part], about: About, language: str
) -> None:
    context = {
        "reference": row.reference,
        "who": actor.email,
        "about": about.title or about.key,
        "lines": row.text.split("\n"),
        "parts": [{"title": part.title, "lines": _words(part)} for part in attached],
        "name": desk.name,
    }
    # What is attached is in the asker's language, and so is the rest.
    row.notice = notice_send(
        kind=TO_SUPPORT.name, to=desk.email, context=context, brand=desk.brand, language=language
    )
    row.save(update_fields=["notice"])
    notice_send(kind=COPY.name, to=actor.email, context=context, brand=desk.brand, language=language)


def _words(part: Part) -> list[list[str]]:
    """Lines as words. A host that stands alone stays as it is in a mail, to be copied (notices.composing)."""
    return [line.split(" ") if part.key == "settings" else [line] for line in part.lines]


def _room(actor: Any) -> None:
    """Counted under a lock of who asks. Raises Refused."""
    rows = SupportRequest.objects.visible_to(actor)
    if isinstance(actor, MailboxUser):
        mailbox_locked(actor)
    else:
        get_user_model().objects.select_for_update(no_key=True).get(pk=actor.pk)
    if rows.filter(created_at__gt=timezone.now() - WITHIN).count() >= MOST:
        text = ngettext(
            "You sent %(most)d question within the hour. Wait a little, or answer the copy you got.",
            "You sent %(most)d questions within the hour. Wait a little, or answer the copies you got.",
            MOST,
        )
        raise Refused(text % {"most": MOST})
