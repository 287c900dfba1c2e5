"""What is used of what may be, and what waits for a person, over all that somebody sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Right, accounts_where, domains_where, is_provider
from accounts.models import Account, Domain, DomainClaim, User
from accounts.models.places import places_of
from delivery.models import Alert
from dnszone.models import SigningKey, SigningWatch, ZonePlace
from dnszone.models.places import Verdict
from mailboxes.models import Compromise, TallyPart
from mailboxes.selectors import BYTES_PER_MB
from panel.overview.needs import Need, alerts, stolen
from provision.models import Push

NEEDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Over all accounts the person sees: what is there, and what their own accounts may have; of a reseller's
    that is the pool for itself and its clients. ``waiting``: domains that wait for proof. Megabytes for
    storage."""

    accounts: int
    domains: int
    waiting: int
    mailboxes: int
    storage_mb: float
    max_mailboxes: int
    max_storage_mb: int


def used(user: Any) -> Used:
    """One query: sums over different tables, side by side in one row."""
    accounts = Account.objects.visible_to(user).present()
    domains = Domain.objects.visible_to(user)
    parts = TallyPart.objects.filter(mail_domain__domain__in=domains)
    row: QuerySet[Any, Any] = User.objects.filter(pk=user.pk).values(
        of_accounts=_sums(accounts, n=Count("pk")),
        of_domains=_sums(domains, n=Count("pk")),
        of_waiting=_sums(DomainClaim.objects.visible_to(user), n=Count("pk")),
        of_parts=_sums(parts, boxes=Sum("boxes"), used=Sum("used_bytes")),
        of_room=_sums(_own(user), boxes=Sum("max_mailboxes"), storage=Sum("storage_mb")),
    )
    sums: dict[str, Any] = row.get()
    found = {
        name.removeprefix("of_"): {of: number or 0 for of, number in (given or {}).items()}
        for name, given in sums.items()
    }
    return Used(
        accounts=found["accounts"].get("n", 0),
        domains=found["domains"].get("n", 0),
        waiting=found["waiting"].get("n", 0),
        mailboxes=found["parts"].get("boxes", 0),
        storage_mb=found["parts"].get("used", 0) / BYTES_PER_MB,
        max_mailboxes=found["room"].get("boxes", 0),
        max_storage_mb=found["room"].get("storage", 0),
    )


def _own(user: Any) -> QuerySet[Account]:
    """Whose limits count: clients have theirs out of their reseller's."""
    rows: QuerySet[Account] = Account.objects.present()
    if is_provider(user):
        return rows.filter(reseller__isnull=True)
    return rows.filter(pk__in=places_of(user).accounts)


def _sums(rows: QuerySet[Any], **what: Count | Sum) -> Subquery:
    """A JSON object of ``what``; NULL when there is no row."""
    grouped = rows.order_by().annotate(every=Value(1)).values("every")
    return Subquery(grouped.annotate(sums=JSONObject(**what)).values("sums"))


def needs(user: Any) -> list[Need]:
    """One query: logins that are stopped, the domains with most alerts, refused changes and full mailboxes,
    and those that wait for proof; one more than NEEDS at most."""
    names = ("domain__name", "domain__display_name")
    failed = Push.objects.failed().filter(domain__in=domains_where(user, Right.SETTINGS)).values_list(*names)
    full = TallyPart.objects.filter(mail_domain__domain__in=domains_where(user, Right.MANAGE))
    claims = DomainClaim.objects.filter(account__in=accounts_where(user, Right.DOMAINS))
    counted = [
        failed.annotate(what=Value("failed"), n=Count("pk")),
        full.values_list(*(f"mail_domain__{name}" for name in names))
        .annotate(what=Value("full"), n=Sum("full_boxes"))
        .filter(n__gt=0),
        claims.values_list("name", "display_name").annotate(what=Value("proof"), n=Value(1)),
        _stopped(domains_where(user, Right.MANAGE)),
        *_dns(domains_where(user, Right.SETTINGS)),
        _alerts(domains_where(user, Right.SETTINGS)),
    ]
    most = [rows.order_by("-n")[: NEEDS + 1] for rows in counted]
    order = {what: place for place, what in enumerate(_WORDS)}
    found = sorted(most[0].union(*most[1:], all=True), key=lambda row: (order[row[2]], -row[3], row[0]))
    return [_WORDS[what](name, display, n) for name, display, what, n in found[: NEEDS + 1]]


def _stopped(domains: Any) -> QuerySet[Any, Any]:
    """Logins whose sending is stopped; the number is the stop's id: the newest are the most."""
    rows = Compromise.objects.still_open().filter(mail_domain__domain__in=domains)
    present = rows.exclude(mailbox__deleted_at__isnull=False)
    named = present.values_list("mail_domain__domain__name", "login")
    found: QuerySet[Any, Any] = named.annotate(what=Value("stopped"), n=F("pk"))
    return found


def _alerts(domains: Any) -> QuerySet[Any, Any]:
    """Domains of whose mail somebody was told something."""
    rows = Alert.objects.still_open().exclude(told_at=None).filter(domain__in=domains)
    named = rows.values_list("domain__name", "domain__display_name")
    found: QuerySet[Any, Any] = named.annotate(what=Value("alert"), n=Count("pk"))
    return found


def _dns(domains: Any) -> list[QuerySet[Any, Any]]:
    """Domains whose DS record fits no key here, and those with name servers in two places."""
    fits = SigningKey.objects.filter(zone=OuterRef("zone"), state=SigningKey.State.MADE, shown=True)
    broken = SigningWatch.objects.filter(~Q(ds=[]), ~Exists(fits), zone__domain__in=domains)
    half = ZonePlace.objects.filter(zone__domain__in=domains, verdict=Verdict.HALF)
    names = ("zone__domain__name", "zone__domain__display_name")
    return [
        rows.values_list(*names).annotate(what=Value(what), n=Value(1))
        for rows, what in ((broken, "dnssec"), (half, "half"))
    ]


def _dnssec(name: str, display: str, _n: int) -> Need:
    return Need(
        what=_("Visitors with validating resolvers cannot find %(domain)s.") % {"domain": display},
        why=_("The DS record at its registrar fits no key of its name servers here."),
        url=reverse("zone-dnssec", args=[name]),
        action=_("See what to do"),
    )


def _half(name: str, display: str, _n: int) -> Need:
    return Need(
        what=_("DNS for %(domain)s is half here and half elsewhere.") % {"domain": display},
        why=_("Some visitors and senders get the records of here, others those of another provider."),
        url=reverse("zone-servers", args=[name]),
        action=_("See what to do"),
    )


def _failed(name: str, display: str, n: int) -> Need:
    text = ngettext(
        "%(n)d change of %(domain)s was refused by its server.",
        "%(n)d changes of %(domain)s were refused by their server.",
        n,
    )
    return Need(
        what=text % {"n": n, "domain": display},
        why=_("The server is asked again by itself; the reason stands on the domain’s page."),
        url=reverse("domain-overview", args=[name]),
        action=_("See why"),
    )


def _full(name: str, display: str, n: int) -> Need:
    text = ngettext("%(n)d mailbox of %(domain)s is full.", "%(n)d mailboxes of %(domain)s are full.", n)
    why = ngettext(
        "New mail for it is turned back: raise its quota, or have its owner delete mail.",
        "New mail for them is turned back: raise their quotas, or have their owners delete mail.",
        n,
    )
    return Need(
        what=text % {"n": n, "domain": display},
        why=why,
        url=f"{reverse('mailboxes', args=[name])}?state=full",
        action=_("See the full ones"),
    )


def _proof(name: str, display: str, _n: int) -> Need:
    return Need(
        what=_("%(domain)s waits for proof that it is yours.") % {"domain": display},
        why=_("Until then no mail is taken for it. One DNS record is enough."),
        url=reverse("domain-proof", args=[name]),
        action=_("Prove it"),
    )


_WORDS = {
    "stopped": stolen,
    "dnssec": _dnssec,
    "alert": alerts,
    "failed": _failed,
    "full": _full,
    "half": _half,
    "proof": _proof,
}
"""What waits for a person, worst first."""
