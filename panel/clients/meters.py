"""Every limit of an account with its use, before it is hit."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts import limits
from accounts.limits import uses
from accounts.limits.pool import given_out
from accounts.limits.wording import amount, label
from accounts.models import Account
from accounts.models.limits import FEATURES, SUMMED
from accounts.selectors import who_can_raise

_NOTES = {
    "storage_mb": lambda: _("Given out to mailboxes, whatever they hold of it."),
    "sends_per_hour": lambda: _("Sent in the last 60 minutes, by all mailboxes together."),
    "max_forwarders": lambda: _("There are no forwarders yet."),
    "max_domains": lambda: _("Those that wait for proof count too."),
}
POOLED = tuple(name for name in SUMMED if name != "sends_per_hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """``unit``: ``MB`` or empty, ``calm``, as components/meter.html takes them."""

    label: str
    used: int
    total: int
    unit: str = ""
    note: str = ""
    calm: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """``on``: here and, for a client, at its reseller."""

    label: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All of an account's limits. ``ceilings``: those that nothing adds up to, in words. ``pool``: of a
    reseller, what clients have in sum is in it."""

    account: Account
    meters: list[Meter]
    ceilings: list[tuple[str, str]]
    features: list[Feature]
    who: str
    pool: bool = False


def held_by(account: Account) -> Held:
    """Five queries; two more for a reseller, and one for each sum of one that hands out more than it has."""
    is_pool = account.kind == Account.Kind.RESELLER
    given = _given(account) if is_pool else {}
    return Held(
        account=account,
        meters=[_meter(account, name, given.get(name)) for name in SUMMED],
        ceilings=[
            (label("mailbox_mb"), amount("mailbox_mb", account.mailbox_mb)),
            (label("log_days"), _followed(account)),
        ],
        features=[Feature(label=label(name), on=limits.has(account, name)) for name in FEATURES],
        who=who_can_raise(account),
        pool=is_pool,
    )


def _followed(account: Account) -> str:
    text = _(
        "%(days)s. Older messages and sign-ins are out of sight, and are deleted when no plan keeps them."
    )
    return text % {"days": amount("log_days", account.log_days)}


def _given(reseller: Account) -> dict[str, int]:
    if not reseller.oversell:
        given = given_out(reseller)
        return {name: given[name] for name in POOLED}
    clients = list(Account.objects.filter(reseller=reseller).values_list("pk", flat=True))
    return {name: sum(uses.used(name, clients).values()) for name in POOLED}


def _meter(account: Account, name: str, given: int | None) -> Meter:
    own = uses.used_by(name, account.pk)
    note = _NOTES[name]() if name in _NOTES else ""
    if given is not None:
        text = _("%(clients)s for clients, %(own)s in use by itself.")
        if account.oversell:
            text = _("%(clients)s in use by clients, %(own)s by itself.")
        note = text % {
            "clients": amount(name, given, bare=True),
            "own": amount(name, own, bare=True),
        }
    return Meter(
        label=label(name),
        used=own + (given or 0),
        total=getattr(account, name),
        unit="MB" if name == "storage_mb" else "",
        note=note,
        calm=name != "sends_per_hour",  # the only one whose end stops mail
    )
