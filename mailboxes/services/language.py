"""The language of a mailbox's own user."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from lib import languages
from lib.errors import Refused
from mailboxes.models import MailboxLanguage
from mailboxes.people import MailboxUser


@transaction.atomic
def own_language_set(*, user: MailboxUser, language: str) -> None:
    """Empty: as the browser says. Raises Refused for one that the panel has not. Nothing is pushed: the mail
    servers know no languages."""
    if language and languages.known(language) != language:
        raise Refused(_("Choose one of the languages."), "language")
    if not language:
        MailboxLanguage.objects.filter(mailbox=user.pk).delete()
        return
    MailboxLanguage.objects.update_or_create(mailbox_id=user.pk, defaults={"language": language})
