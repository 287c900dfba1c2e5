"""Whom a name and a password let in: a person, or the user of a mailbox.

The work is the same whoever has the name: two look-ups and two checks of a hash, one against the person's
and one against the mailbox's, a made-up one where there is none. Only the right password tells more.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Domain, User
from accounts.signin import throttle, tries
from accounts.suspension.inforce import Level
from lib.dates import written
from lib.errors import Refused
from lib.names import normalise_domain
from lib.passwords import matches
from mailboxes.people import MailboxUser

Visitor = User | MailboxUser


def written_the_same(login: str) -> str:
    """Lower case, the domain in A-labels, as addresses are kept."""
    local, at, domain = login.strip().lower().rpartition("@")
    try:
        return f"{local}@{normalise_domain(domain)[0]}" if at else domain
    except Refused:
        return f"{local}@{domain}"


def who(request: HttpRequest, login: str, password: str) -> Visitor | None:
    """The person first, then the mailbox. None: the password is nobody's. Raises ValidationError when the
    browser has to wait, or with the reason why a mailbox is kept out."""
    name = written_the_same(login)
    person = User.objects.filter(email=name).first()
    box = MailboxUser.by_address(name)
    hashes = [person.password if person else "", box.password_hash if box else ""]
    with tries.counted(request, throttle.PASSWORD, name, hashes) as one:
        is_person, is_box = (matches(each, password) for each in hashes)
        if not (is_person or is_box):
            return None
        one.right()
    if is_person:
        return person
    assert box is not None  # noqa: S101 - its hash matched; told to the type checker
    keeper = box.kept_out_by()
    if keeper is not None:
        raise ValidationError(why_kept_out(keeper), code="suspended")
    return box


def why_kept_out(level: Level) -> str:
    """What is suspended, since when, by whom and why, in one text."""
    name = level.target.display_name if isinstance(level.target, Domain) else level.name
    if level.deleted:
        return _("%(name)s is closed, so nobody signs in. Ask whoever runs your mail.") % {"name": name}
    values = {"name": name, "day": written(timezone.localtime(level.since), "j F Y")}
    if level.word in {"account", "reseller"}:
        text = _("The account %(name)s may not sign in since %(day)s.") % values
    else:
        text = _("%(name)s may not sign in since %(day)s.") % values
    if level.reason:
        text += " " + _("The reason: %(reason)s.") % {"reason": level.reason.rstrip(". ")}
    return text + " " + _("Ask %(who)s.") % {"who": level.who or _("whoever runs your mail")}
