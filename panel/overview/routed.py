"""The incoming server, where Email Routing leaves it something else to do than to fill mailboxes."""

from __future__ import annotations

from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from dnszone.routing import LOCAL
from mailboxes.models import MailDomain
from mailboxes.routing import words
from mailboxes.routing.deciding import Finding
from panel.overview.drawing import Mark, Station


def routed(mail_domain: MailDomain | None, station: Station) -> Station:
    """``station`` of a server that works; what does not work, or is on its way, is said first."""
    if mail_domain is None or station.mark.css != "ok":
        return station
    url = reverse("routing", args=[mail_domain.domain.name])
    wrong = words.contradiction(mail_domain, Finding.of(mail_domain.found))
    if wrong:
        state = Mark("bad", "warn", _("Needs you"))
        return replace(station, mark=state, why=wrong, url=url, link=_("Email Routing"), asks=True)
    if mail_domain.decided == LOCAL:
        return station
    shown, does = words.mark(mail_domain.decided), words.does(mail_domain.decided)
    note = _("Email Routing: %(mode)s") % {"mode": shown.word}
    state = Mark(shown.css, shown.icon, shown.word)
    return replace(station, mark=state, why=does, note=note, url=url, link=_("Email Routing"))
