"""What of a domain waits for a person. Empty is the good news."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from delivery.alerts.words import told
from panel.overview.drawing import Office, Station
from panel.overview.facts import Facts, zone_key

SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Need:
    """``what`` in one sentence, ``why`` in one more, and one thing to do."""

    what: str
    why: str
    url: str
    action: str


def needs(known: Facts, office: Office, *, manages: bool) -> list[Need]:
    """Worst first, at most SHOWN. ``manages``: the reader may do what managers of the domain may."""
    stopped = known.stopped if manages else []
    found, told = [stolen(known.domain.name, row.login, row.pk) for row in stopped], set()
    for station in office.stations:
        if not station.waits_for_a_person:
            continue
        refused = station.status.key if station.status and station.status.state == "failed" else station.key
        if refused not in told:  # one refused change may stand behind several stations
            found.append(_station(station, zone=refused == zone_key(known.domain)))
        told.add(refused)
    if known.alerts:
        found.append(_alerted(known))
    boxes, url = known.boxes, reverse("mailboxes", args=[known.domain.name])
    if boxes.failed:
        found.append(_failed(boxes.failed, f"{url}?state=failed"))
    if boxes.full:
        found.append(_full(boxes.full, f"{url}?state=full"))
    return found[:SHOWN]


def stolen(domain: str, login: str, stop: int) -> Need:
    """``stop``: the key of the Compromise."""
    return Need(
        what=_("Sending by %(login)s is stopped: somebody else seems to use it.") % {"login": login},
        why=_("What it would send waits on the server. A few steps lead back."),
        url=reverse("stopped", args=[domain, stop]),
        action=_("Begin the way back"),
    )


def _alerted(known: Facts) -> Need:
    """One in its own words; more than one by their number."""
    if len(known.alerts) > 1:
        return alerts(known.domain.name, known.domain.display_name, len(known.alerts))
    one = told(known.alerts[0])
    url = reverse("alerts", args=[known.domain.name])
    return Need(what=f"{one.what}.", why=one.why, url=url, action=_("See the alert"))


def alerts(name: str, display: str, n: int) -> Need:
    """``n``: how many are open."""
    text = ngettext(
        "An alert about the mail of %(domain)s is open.",
        "%(n)d alerts about the mail of %(domain)s are open.",
        n,
    )
    return Need(
        what=text % {"n": n, "domain": display},
        why=_("Its numbers are unlike those of other days. The page says what to look at, and what to do."),
        url=reverse("alerts", args=[name]),
        action=_("See the alerts"),
    )


def _station(station: Station, *, zone: bool) -> Need:
    what = _("The last change to the DNS zone was refused.")
    return Need(
        what=what if zone else f"{station.title}: {station.mark.word}.",
        why=station.why,
        url=station.url if station.asks or zone else f"#station-{station.key}",
        action=station.link if station.asks else _("See why"),
    )


def _failed(n: int, url: str) -> Need:
    what = ngettext(
        "%(n)d mailbox could not be changed on its server.",
        "%(n)d mailboxes could not be changed on their server.",
        n,
    )
    why = _("The reason stands beside each; the server is asked again by itself.")
    return Need(what=what % {"n": n}, why=why, url=url, action=_("See them"))


def _full(n: int, url: str) -> Need:
    what = ngettext("%(n)d mailbox is full.", "%(n)d mailboxes are full.", n)
    why = ngettext(
        "New mail for it is turned back: raise its quota, or have its owner delete mail.",
        "New mail for them is turned back: raise their quotas, or have their owners delete mail.",
        n,
    )
    return Need(what=what % {"n": n}, why=why, url=url, action=_("See them"))
