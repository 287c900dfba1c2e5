"""What the logs tell of one mailbox since a moment. Three small queries while nothing comes, up to six; tries
that do not name the mailbox are looked for from the asker's own network alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from accounts.models import Domain
from accounts.signin.networks import near
from delivery.models import NodeHealth
from delivery.signins import SignIn, first_key
from guides.models import Attempt, What
from mailboxes.models import AppPassword, Mailbox

LONGEST = dt.timedelta(minutes=10)  # a watch
FEW = 50
INCOMING = ("imap", "pop3")
OUTGOING = ("smtp", "submission")
# Of a log that is well: the shipper tells every minute at least (NodeHealth).
SILENT = dt.timedelta(seconds=150)
LATE = 20  # seconds
_WEAK = (What.REACHED, What.SIGNED_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One direction: the newest sign-in that was let in, else what else there is, the newest first."""

    worked: SignIn | None = None
    refused: SignIn | None = None
    attempt: Attempt | None = None

    @property
    def trouble(self) -> SignIn | Attempt | None:
        """The newer of both. What was merely seen counts less than a refusal, however old."""
        if self.attempt is None or self.refused is None:
            return self.refused or self.attempt
        weak = self.attempt.what in _WEAK
        return self.attempt if not weak and self.attempt.at > self.refused.at else self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """``programs``: by session, what it calls itself; ``labels``: of app passwords, by their id; ``behind``:
    seconds that the log is late, None when the node has not told for a while."""

    incoming: Way
    outgoing: Way
    now: dt.datetime
    programs: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    behind: int | None = 0


def look(mailbox: Mailbox, *, since: dt.datetime, client: str) -> Looked:
    """``client``: the address the asker's browser comes from. What was before the mailbox is another's who
    had the address."""
    since = max(since, mailbox.created_at.replace(microsecond=0))
    rows = _sign_ins(mailbox.address, since)
    attempts = _attempts(mailbox, since, client)
    shown = [row for row in rows if row.ok] + [row for row in rows if not row.ok][:2]
    return Looked(
        incoming=_way(rows, attempts, INCOMING),
        outgoing=_way(rows, attempts, OUTGOING),
        now=timezone.now(),
        programs=_programs(shown, since),
        labels=_labels(mailbox, shown),
        behind=_behind(mailbox.mail_domain.node_id),
    )


def _sign_ins(address: str, since: dt.datetime) -> list[SignIn]:
    """Without those of “Test from here”, which are the panel's."""
    found = list(
        SignIn.objects.filter(
            login=address, pk__gte=first_key(since), protocol__in=[*INCOMING, *OUTGOING]
        ).order_by("-pk")[:FEW]
    )
    ours = tests_of(address) if found else []
    return [
        row for row in found if not any(row.client == client and a <= row.at <= b for client, a, b in ours)
    ]


def _attempts(mailbox: Mailbox, since: dt.datetime, client: str) -> list[Attempt]:
    """Somebody else in the same house is none of our business: a user name that was typed counts when it
    begins like this mailbox's, a sender when it is this address."""
    address, network = mailbox.address, near(client)
    local = address.rpartition("@")[0]
    if network == "unknown":
        return []
    nearly = Q(login__iexact=local) | Q(login__istartswith=f"{local}@")
    named = Q(what=What.NAME) & nearly & ~Q(login__iexact=address)
    other = ~Q(what=What.NAME) & Q(sender__in=["", address]) & (Q(login="") | nearly)
    rows = Attempt.objects.filter(named | other, network=network, at__gte=since).order_by("-at")[:FEW]
    return _but_others(mailbox, rows)


def _but_others(mailbox: Mailbox, rows: Iterable[Attempt]) -> list[Attempt]:
    """Without user names at domains that somebody else has here: ``info@`` is not one office's alone."""
    found = [(row, row.login.rpartition("@")[2].lower() if "@" in row.login else "") for row in rows]
    own = mailbox.mail_domain.domain
    typed = {name for _row, name in found} - {"", own.name}
    theirs: set[str] = set()
    if typed:
        here = Domain.objects.filter(name__in=typed).exclude(account=own.account_id)
        theirs = set(here.values_list("name", flat=True))
    return [row for row, name in found if name not in theirs]


def _way(rows: Sequence[SignIn], attempts: Sequence[Attempt], protocols: Sequence[str]) -> Way:
    mine = [row for row in rows if row.protocol in protocols]
    known = {*protocols, ""} if protocols == INCOMING else set(protocols)
    tried = [one for one in attempts if one.protocol in known]
    tried.sort(key=lambda one: one.what in _WEAK)  # the newest that says more
    return Way(
        worked=next((row for row in mine if row.ok), None),
        refused=next((row for row in mine if not row.ok), None),
        attempt=tried[0] if tried else None,
    )


def _programs(rows: Sequence[SignIn], since: dt.datetime) -> dict[str, str]:
    """A refusal is a row beside the session's own, which has what the program calls itself."""
    known = {row.session: row.program for row in rows if row.program}
    wanted = {row.session.rstrip("!") for row in rows if not row.ok and row.session and not row.program}
    if wanted:
        found = SignIn.objects.filter(session__in=wanted, pk__gte=first_key(since)).exclude(program="")
        known |= {f"{session}!": program for session, program in found.values_list("session", "program")}
    return known


def _labels(mailbox: Mailbox, rows: Sequence[SignIn]) -> dict[str, str]:
    keys = {row.app for row in rows if row.app}
    if not keys:
        return {}
    return dict(AppPassword.objects.filter(mailbox=mailbox.pk, key__in=keys).values_list("key", "label"))


def _behind(node_id: int) -> int | None:
    told = NodeHealth.objects.filter(pk=node_id).first()
    if told is None or timezone.now() - told.told_at > SILENT:
        return None
    ages = [one.get("age", 0) for one in told.logs.values() if isinstance(one, dict)]
    return int(max((age for age in ages if isinstance(age, int | float)), default=0))


# ---- the panel's own tests (guides.trying)

Ours = tuple[str, dt.datetime, dt.datetime]


def tests_of(address: str) -> list[Ours]:
    found: list[Ours] = cache.get(_key(address), [])
    return found


def test_note(address: str, *, clients: set[str], begin: dt.datetime) -> None:
    """From ``clients`` (our own addresses) the panel signed in until now. Logs tell whole seconds."""
    second = dt.timedelta(seconds=1)
    mine = [(client, begin - second, timezone.now() + second) for client in sorted(clients)]
    cache.set(_key(address), (mine + tests_of(address))[:20], LONGEST.total_seconds() + 60)


def _key(address: str) -> str:
    return f"connect-test:{address.encode().hex()}"
