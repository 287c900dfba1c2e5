"""What an alert says, and where its evidence stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from delivery.models import Alert, Status
from delivery.text import inert

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """``what`` in one sentence, ``why`` the numbers, ``todo`` the one thing to do; ``evidence``: a path."""

    alert: Alert
    what: str
    why: str
    todo: Text
    evidence: str
    link: Text
    icon: str


def told(alert: Alert) -> Told:
    what, why = _SAY[alert.kind](alert, {"subject": inert(alert.subject), **_numbers(alert.facts)})
    link, todo, icon = _REST[alert.kind]
    return Told(alert=alert, what=what, why=why, todo=todo, evidence=_evidence(alert), link=link, icon=icon)


def _numbers(facts: dict[str, Any]) -> dict[str, int]:
    return {name: value for name, value in facts.items() if isinstance(value, int)}


def _failing(alert: Alert, facts: dict[str, Any]) -> tuple[str, str]:
    return (
        _("Much of the outgoing mail fails"),
        _("%(n)s of %(of)s mails of the last hours were not delivered.") % facts,
    )


def _deferring(alert: Alert, facts: dict[str, Any]) -> tuple[str, str]:
    what = _("Mail to %(subject)s is waiting") % facts
    if alert.domain_id is None:
        return what, _("%(n)s of %(of)s mails from %(domains)s domains wait for it.") % facts
    return what, _(
        "%(n)s of %(of)s mails of the last days wait for it. They are tried again by themselves."
    ) % facts


def _spike(alert: Alert, facts: dict[str, Any]) -> tuple[str, str]:
    out = alert.subject == "out"
    what = _("Much more mail goes out than usual") if out else _("Much more mail comes in than usual")
    return what, _(
        "%(n)s mails within this hour; the most in one hour of the last two weeks was %(usual)s."
    ) % facts


def _guessing(alert: Alert, facts: dict[str, Any]) -> tuple[str, str]:
    if alert.domain_id is None:
        why = _("%(n)s wrong passwords for %(logins)s mailboxes within an hour.") % facts
        return _("Somebody at %(subject)s tries passwords") % facts, why
    n = facts.get("n", 0)
    why = ngettext("%(n)s wrong password within an hour.", "%(n)s wrong passwords within an hour.", n) % facts
    return _("Many wrong passwords for %(subject)s") % facts, why


def _silence(alert: Alert, facts: dict[str, Any]) -> tuple[str, str]:
    return (
        _("No mail comes in"),
        _(
            "Nothing came for %(hours)s hours. At this time of day there were at least %(usual)s mails on "
            "each of the last seven days."
        )
        % facts,
    )


def _node(alert: Alert, facts: dict[str, Any]) -> tuple[str, str]:
    if "silent" in facts:
        facts["minutes"] = facts["silent"] // 60
        why = ngettext(
            "Its last line came %(minutes)s minute ago.",
            "Its last line came %(minutes)s minutes ago.",
            facts["minutes"],
        )
        return _("%(subject)s tells nothing of its mail") % facts, why % facts
    if "behind" in facts:
        facts["minutes"] = facts["behind"] // 60
        why = ngettext(
            "Its oldest line that is not here yet is %(minutes)s minute old.",
            "Its oldest line that is not here yet is %(minutes)s minutes old.",
            facts["minutes"],
        )
        return _("%(subject)s is behind with its log") % facts, why % facts
    why = ngettext(
        "%(lost)s log file went away before it was read to its end.",
        "%(lost)s log files went away before they were read to their end.",
        facts.get("lost", 0),
    )
    return _("Log lines of %(subject)s were lost") % facts, why % facts


_SAY: dict[str, Callable[[Alert, dict[str, Any]], tuple[str, str]]] = {
    Alert.Kind.FAILING: _failing,
    Alert.Kind.DEFERRING: _deferring,
    Alert.Kind.SPIKE: _spike,
    Alert.Kind.GUESSING: _guessing,
    Alert.Kind.SILENCE: _silence,
    Alert.Kind.NODE: _node,
}
_REST: dict[str, tuple[Text, Text, str]] = {
    Alert.Kind.FAILING: (
        __("See what failed"),
        __("Look at the reasons: often a list of addresses is old, or a record such as SPF is missing."),
        "cross",
    ),
    Alert.Kind.DEFERRING: (
        __("See what waits"),
        __(
            "Mostly their server is away or slow, and nothing is to be done. If they say why, the answer "
            "tells."
        ),
        "clock",
    ),
    Alert.Kind.SPIKE: (
        __("See the mails"),
        __(
            "A newsletter? Then all is well. If nobody here sent it, change the password of the "
            "mailbox that did."
        ),
        "warn",
    ),
    Alert.Kind.GUESSING: (
        __("See the sign-ins"),
        __(
            "An old password on a phone does this, and so does somebody who guesses. A long password "
            "holds both."
        ),
        "key",
    ),
    Alert.Kind.SILENCE: (
        __("See the mails"),
        __("Send a mail from another provider and see whether it comes. Were the MX records changed?"),
        "warn",
    ),
    Alert.Kind.NODE: (
        __("See its log files"),
        __("See whether its shipper runs and can reach the panel. Lines wait in the log until then."),
        "warn",
    ),
}


def _evidence(alert: Alert) -> str:
    if alert.kind == Alert.Kind.NODE:
        return reverse("admin:delivery_logfile_changelist")
    name = alert.domain.name if alert.domain is not None else ""
    if alert.kind == Alert.Kind.GUESSING:
        base = reverse("sign-ins", args=[name]) if name else reverse("sign-ins-all")
        return f"{base}?{urlencode({'q': alert.subject, 'result': 'refused'})}"
    base = reverse("track", args=[name]) if name else reverse("track-all")
    asked: dict[Alert.Kind, dict[str, Any]] = {
        Alert.Kind.FAILING: {"status": int(Status.FAILED), "way": 2},
        Alert.Kind.DEFERRING: {"status": int(Status.DEFERRED), "q": alert.subject},
        Alert.Kind.SPIKE: {"way": 2 if alert.subject == "out" else 1},
        Alert.Kind.SILENCE: {"way": 1},
    }
    return f"{base}?{urlencode(asked[Alert.Kind(alert.kind)])}"
