"""Whose face a page or a mail wears: the brand of a reseller, or the provider's own.

By the Host that the visitor came by; else by the person, whose accounts all are clients of one reseller; else
the provider's. Who belongs to several resellers, or works for the provider, is the provider's: the owner of a
brand's host name can send its visitors wherever they like, so no session and no link of others goes there.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error

from accounts.models import Account, Brand, Membership
from accounts.models.places import places_of
from lib import colour

REMEMBER = 3.0  # seconds in which a process does not ask the database again
MOST_KEPT = 2048
_FIELDS = (
    "account_id",
    "name",
    "logo_sha",
    "accent",
    "language",
    "support_email",
    "support_url",
    "premium_title",
    "premium_text",
    "premium_url",
    "panel_host",
    "panel_host_seen_at",
    "mail_host",
    "mail_host_node",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A brand without its logo's bytes. ``account``: the reseller's id. ``host_works``: the world's DNS leads
    ``panel_host`` to us."""

    account: int
    name: str
    logo: str
    colours: colour.Pair | None
    language: str
    support_email: str
    support_url: str
    premium_title: str
    premium_text: str
    premium_url: str
    panel_host: str
    host_works: bool
    mail_host: str
    mail_host_node: str

    @property
    def url(self) -> str:
        """Where links lead, no slash at the end."""
        return at_port(self.panel_host) if self.host_works else str(settings.PANEL_URL)

    @property
    def logo_path(self) -> str:
        return f"/brand/{self.logo}.png" if self.logo else ""

    @property
    def css_path(self) -> str:
        if self.colours is None:
            return ""
        return f"/brand/{self.colours.light[1:]}-{self.colours.dark[1:]}.css"

    def for_mail(self) -> dict[str, Any]:
        """What notices.services.notice_send takes: addresses are absolute, ``accent`` is readable on light
        paper, everything may be empty but ``name`` and ``url``."""
        return {
            "name": self.name,
            "url": self.url,
            "logo_url": f"{self.url}{self.logo_path}" if self.logo else "",
            "accent": self.colours.light if self.colours else "",
            "language": self.language,
            "support_email": self.support_email,
            "support_url": self.support_url,
        }


def at_port(host: str) -> str:
    """``https://host``, with the port that the panel has."""
    port = urlsplit(settings.PANEL_URL).port
    return f"https://{host}:{port}" if port else f"https://{host}"


def brand_of_host(host: str) -> Shown | None:
    """The brand whose panel answers at ``host`` (lower case, no port). While the database is away: the last
    answer, however old. Raises django.db.Error when there was none."""
    return _kept.get(("host", host), lambda: _find(panel_host=host))


def brand_by_reseller(pk: int) -> Shown | None:
    """As brand_of_host, by the reseller's id."""
    return _kept.get(("account", pk), lambda: _find(account=pk))


def brand_of(account: Account) -> dict[str, Any]:
    """What mails to the people of ``account`` wear (Shown.for_mail): its reseller's; ``{}``: the
    provider's."""
    shown = brand_by_reseller(account.reseller_id) if account.reseller_id else None
    return shown.for_mail() if shown else {}


def brand_of_user(user: Any) -> dict[str, Any]:
    """As brand_of, for a mail to a person. Two queries."""
    shown = _brand_above(user)
    return shown.for_mail() if shown else {}


def panel_url_for(whom: Any) -> str:
    """Where links in a mail to ``whom``, an Account or a User, lead: the brand's own host where it is known
    to lead to us, else PANEL_URL. No slash at the end."""
    if isinstance(whom, Account):
        shown = brand_by_reseller(whom.reseller_id) if whom.reseller_id else None
    else:
        shown = _brand_above(whom)
    return shown.url if shown else str(settings.PANEL_URL)


def brand_seen_by(user: Any, *, asleep: bool = True) -> Shown | None:
    """On the provider's own host. No query but the person's places, which every page asks for, and one more
    for somebody without any awake, unless ``asleep`` is False; the brand is remembered."""
    if not user.is_authenticated or user.acting_for or user.is_staff:
        return None
    above = _of_mailbox(user) or {place.reseller for place in places_of(user).places}
    if not above:  # everything is asleep: whom to ask is said with the brand
        return _brand_above(user) if asleep else None
    only = above.pop() if len(above) == 1 else None
    return brand_by_reseller(only) if only else None


def belongs(user: Any, reseller: int) -> bool:
    """Whether everything that this person sees is the reseller's or its clients': who may be signed in on its
    host."""
    if user.is_staff or user.is_superuser:
        return False
    box = _of_mailbox(user)
    if box:
        return box == {reseller}
    return all(reseller in {place.account, place.reseller} for place in places_of(user).places)


def mail_host(account: Account, node: str) -> str:
    """The servers' name for guides of a domain of ``account`` on ``node``; empty: the node's own."""
    reseller = account.pk if account.kind == Account.Kind.RESELLER else account.reseller_id
    shown = brand_by_reseller(reseller) if reseller else None
    return shown.mail_host if shown and node and shown.mail_host_node == node else ""


def logo_bytes(sha: str) -> bytes | None:
    found = Brand.objects.filter(logo_sha=sha).values_list("logo", flat=True).first() if sha else None
    return bytes(found) if found else None


def forget() -> None:
    """After a change, in this process; the others notice within REMEMBER."""
    _kept.clear()


def _of_mailbox(user: Any) -> set[int | None]:
    """Of the user of a mailbox (mailboxes.people), which brings what stands above it along: the reseller of
    its domain's account. Empty for a person."""
    if not getattr(user, "is_mailbox", False):
        return set()
    account = user.mail_domain.domain.account
    return {account.pk if account.kind == Account.Kind.RESELLER else account.reseller_id}


def _brand_above(user: Any) -> Shown | None:
    """Whatever is asleep: a link in a mail outlives that."""
    above = set(Membership.objects.filter(user=user.pk).values_list("account__reseller_id", flat=True))
    only = above.pop() if len(above) == 1 and not (user.is_staff or user.is_superuser) else None
    return brand_by_reseller(only) if only else None


def _find(**where: Any) -> Shown | None:
    row = Brand.objects.filter(account__kind=Account.Kind.RESELLER, **where).values_list(*_FIELDS).first()
    if row is None:
        return None
    found = dict(zip(_FIELDS, row, strict=True))
    accent = found.pop("accent")
    return Shown(
        account=found.pop("account_id"),
        logo=found.pop("logo_sha"),
        colours=colour.readable(accent) if accent else None,
        host_works=bool(found.pop("panel_host_seen_at")),
        **found,
    )


class _Kept:
    """Answers, those that are no as well; the longest unused go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, str | int], tuple[float, Shown | None]] = OrderedDict()

    def get(self, key: tuple[str, str | int], ask: Callable[[], Shown | None]) -> Shown | None:
        with self._lock:
            known = self._answers.get(key)
            if known:
                self._answers.move_to_end(key)
        if known and time.monotonic() - known[0] < REMEMBER:
            return known[1]
        try:
            answer = ask()
        except Error:
            if known is None:
                raise
            return known[1]
        with self._lock:
            self._answers[key] = (time.monotonic(), answer)
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_KEPT:
                self._answers.popitem(last=False)
        return answer

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()


_kept = _Kept()
