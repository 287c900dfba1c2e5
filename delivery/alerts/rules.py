"""When numbers are an alert. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

FAILING_LEAST, FAILING_SHARE = 20, 0.2  # mails, share of them that failed, in the last one to two hours
WAITING_LEAST, WAITING_SHARE = 10, 0.5  # mails that wait for one destination, share of those sent to it
WAITING_PROVIDER, WAITING_DOMAINS = 50, 3  # of all domains together
SPIKE_LEAST, SPIKE_TIMES = 200, 5  # mails an hour, times the usual most
WRONG_LOGIN, WRONG_SOURCE = 20, 100  # wrong passwords an hour
WRONG_LOGINS = 3  # of one source, to be the provider's matter
SILENCE_HOURS, SILENCE_LEAST, SILENCE_DAYS = 6, 5, 7
NODE_SILENT, NODE_BEHIND = 600, 300  # seconds


@dataclass(frozen=True, slots=True)
class Sign:
    """An alert that is so now. ``domain_id`` None: the provider's."""

    kind: str
    domain_id: int | None
    subject: str = ""
    facts: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int | None, str, str]:
        return self.domain_id, self.kind, self.subject


def failing(domain_id: int, *, sent: int, failed: int) -> Sign | None:
    if sent < FAILING_LEAST or failed / sent < FAILING_SHARE:
        return None
    return Sign("failing", domain_id, "", {"n": failed, "of": sent})


def deferring(
    domain_id: int | None, destination: str, *, waiting: int, mails: int, domains: int = 1
) -> Sign | None:
    least = WAITING_LEAST if domain_id is not None else WAITING_PROVIDER
    few = domain_id is None and domains < WAITING_DOMAINS
    if waiting < least or few or waiting / max(mails, 1) < WAITING_SHARE:
        return None
    return Sign("deferring", domain_id, destination[:320], {"n": waiting, "of": mails, "domains": domains})


def spike(domain_id: int, way: str, *, hour: int, usual: int) -> Sign | None:
    """``usual``: the most in one hour of the weeks before."""
    if hour < SPIKE_LEAST or hour < SPIKE_TIMES * max(usual, 1):
        return None
    return Sign("spike", domain_id, way, {"n": hour, "usual": usual})


def guessing(domain_id: int | None, subject: str, *, tries: int, logins: int = 1) -> Sign | None:
    provider = domain_id is None
    if tries < (WRONG_SOURCE if provider else WRONG_LOGIN) or (provider and logins < WRONG_LOGINS):
        return None
    return Sign("guessing", domain_id, subject[:320], {"n": tries, "logins": logins})


def silence(domain_id: int, *, now: int, before: Sequence[int]) -> Sign | None:
    """``before``: the same hours of each of the last SILENCE_DAYS days."""
    if now or len(before) < SILENCE_DAYS or min(before) < SILENCE_LEAST:
        return None
    return Sign("silence", domain_id, "", {"hours": SILENCE_HOURS, "usual": min(before)})


def node(name: str, *, silent: int | None, behind: int, lost: int) -> Sign | None:
    """``silent``: seconds since it told anything; None: it never did. ``behind``: seconds of its oldest
    unsent line."""
    if silent is not None and silent > NODE_SILENT:
        return Sign("node", None, name, {"silent": silent})
    if behind > NODE_BEHIND:
        return Sign("node", None, name, {"behind": behind})
    return Sign("node", None, name, {"lost": lost}) if lost else None


def every(signs: Collection[Sign | None]) -> list[Sign]:
    """Those that are, one for each key."""
    return list({sign.key: sign for sign in signs if sign is not None}.values())
