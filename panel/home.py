"""The home page's list: every domain with its health, its numbers and what needs a person. Eight queries in
all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, FloatField, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Domain
from delivery import selectors as delivery
from delivery.models import Status
from mailboxes.models import Mailbox
from panel.overview.drawing import Mark
from panel.overview.needs import Need
from provision.models import Push

PAGE = 25
NEEDS = 3
SORTS = ("name", "-name")


@dataclass(frozen=True, slots=True)
class Row:
    """One domain of the list. ``sent``: since midnight."""

    domain: Any
    health: Mark
    why: str
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeQuery:
    """``after`` and ``before``: the name of the last or first row seen."""

    q: str = ""
    sort: str = "name"
    after: str = ""
    before: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> HomeQuery:
        """What makes no sense is ignored. A search for a name with accents finds its A-label by what people
        read."""
        kept = {name: given.get(name, "").replace("\0", "")[:253] for name in ("q", "after", "before")}
        sort = given.get("sort", "")
        return cls(
            q=kept["q"].strip(),
            sort=sort if sort in SORTS else "name",
            after=kept["after"],
            before=kept["before"],
        )

    def link(self, **changes: str) -> str:
        values = {"q": self.q, "sort": "" if self.sort == "name" else self.sort} | changes
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def turned(self) -> str:
        return self.link(sort="-name" if self.sort == "name" else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Over all accounts the person sees: what is there and what may be. Megabytes for storage."""

    accounts: int
    domains: int
    mailboxes: int
    storage_mb: float
    max_mailboxes: int
    max_domains: int
    max_storage_mb: int


@dataclass(frozen=True, slots=True)
class Part:
    """What became of so many mails, with the list of them."""

    mark: Mark
    number: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    query: HomeQuery
    used: Used
    rows: list[Row] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    day: list[Part] = field(default_factory=list)
    previous: str = ""
    next: str = ""


def used(user: Any) -> Used:
    """One query."""
    present = Mailbox.objects.present().filter(mail_domain__domain__account=OuterRef("pk"))
    mine = Account.objects.visible_to(user).annotate(
        box_count=_per(present.values("mail_domain__domain__account"), Count("pk")),
        box_used=_per(present.values("mail_domain__domain__account"), Sum("used_mb")),
        domain_count=_per(Domain.objects.filter(account=OuterRef("pk")).values("account"), Count("pk")),
    )
    sums = mine.aggregate(
        in_accounts=Count("pk"),
        in_domains=Sum("domain_count"),
        in_mailboxes=Sum("box_count"),
        in_storage_mb=Sum("box_used"),
        in_max_mailboxes=Sum("max_mailboxes"),
        in_max_domains=Sum("max_domains"),
        in_max_storage_mb=Sum("storage_mb"),
    )
    return Used(**{name.removeprefix("in_"): value or 0 for name, value in sums.items()})


def page(user: Any, query: HomeQuery) -> tuple[list[Any], str, str]:
    """One query: at most PAGE domains with their numbers, and the links to the pages before and after."""
    backwards = bool(query.before and not query.after)
    down = query.sort.startswith("-") != backwards
    domains = Domain.objects.visible_to(user).select_related("account__reseller")
    if query.q:
        domains = domains.filter(Q(name__icontains=query.q) | Q(display_name__icontains=query.q))
    place = query.before if backwards else query.after
    if place:
        domains = domains.filter(name__lt=place) if down else domains.filter(name__gt=place)
    found = list(_numbers(domains).order_by("-name" if down else "name")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    found = found[::-1] if backwards else found
    earlier, later = (more, True) if backwards else (bool(query.after), more)
    previous = query.link(before=found[0].name) if found and earlier else ""
    following = query.link(after=found[-1].name) if found and later else ""
    return found, previous, following


def _numbers(domains: QuerySet[Any]) -> QuerySet[Any]:
    present = (
        Mailbox.objects.present().filter(mail_domain__domain=OuterRef("pk")).values("mail_domain__domain")
    )
    behind = Push.objects.behind().filter(domain=OuterRef("pk")).values("domain")
    annotated: QuerySet[Any] = domains.annotate(
        boxes=_per(present, Count("pk")),
        used_mb=_per(present, Sum("used_mb")),
        full=_per(present.filter(used_mb__gte=F("quota_mb")), Count("pk")),
        failed=_per(behind.exclude(last_error=""), Count("pk")),
        moving=_per(behind.filter(last_error=""), Count("pk")),
    )
    return annotated


def _per(grouped: QuerySet[Any, Any], what: Count | Sum) -> Coalesce:
    """``what`` over the rows of an outer object, as a subquery; 0 for none."""
    inner = grouped.order_by().annotate(what=what).values("what")[:1]
    kind = FloatField() if isinstance(what, Sum) else IntegerField()
    return Coalesce(Subquery(inner), Value(0), output_field=kind)


def rows(domains: list[Any], sent: Mapping[int, int]) -> list[Row]:
    return [Row(domain, *_health(domain), sent.get(domain.pk, 0)) for domain in domains]


def _health(domain: Any) -> tuple[Mark, str]:
    """At a glance: what failed or is full, else what is under way, else live."""
    if domain.failed or domain.full:
        reasons = []
        if domain.failed:
            reasons.append(
                ngettext("%(n)d change refused", "%(n)d changes refused", domain.failed)
                % {"n": domain.failed}
            )
        if domain.full:
            reasons.append(
                ngettext("%(n)d mailbox full", "%(n)d mailboxes full", domain.full) % {"n": domain.full}
            )
        return Mark("bad", "cross", _("Needs you")), "; ".join(reasons)
    if domain.moving:
        why = ngettext("%(n)d change not proven yet", "%(n)d changes not proven yet", domain.moving)
        return Mark("move", "go", _("On its way")), why % {"n": domain.moving}
    return Mark("ok", "check", _("Live")), _("Mail and DNS proven on their servers")


def needs(user: Any) -> list[Need]:
    """One query: the domains with most refused changes and full mailboxes, at most NEEDS."""
    visible = Domain.objects.visible_to(user)
    failed = (
        Push.objects.failed().filter(domain__in=visible).values_list("domain__name", "domain__display_name")
    )
    boxes = Mailbox.objects.present().filter(used_mb__gte=F("quota_mb"), mail_domain__domain__in=visible)
    full = boxes.values_list("mail_domain__domain__name", "mail_domain__domain__display_name")
    counted = [
        _most(failed.annotate(what=Value("failed"), n=Count("pk"))),
        _most(full.annotate(what=Value("full"), n=Count("pk"))),
    ]
    found = sorted(counted[0].union(counted[1], all=True), key=lambda row: (row[2], -row[3]))
    return [_need(*row) for row in found[:NEEDS]]


def _most(grouped: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return grouped.order_by("-n")[:NEEDS]


def _need(name: str, display: str, what: str, n: int) -> Need:
    if what == "failed":
        text = ngettext(
            "%(n)d change of %(domain)s was refused by its server.",
            "%(n)d changes of %(domain)s were refused by their server.",
            n,
        )
        why = _("The server is asked again by itself; the reason stands on the domain’s page.")
        return Need(
            what=text % {"n": n, "domain": display},
            why=why,
            url=reverse("domain-overview", args=[name]),
            action=_("See why"),
        )
    text = ngettext("%(n)d mailbox of %(domain)s is full.", "%(n)d mailboxes of %(domain)s are full.", n)
    why = ngettext(
        "New mail for it is turned back: raise its quota, or have its owner delete mail.",
        "New mail for them is turned back: raise their quotas, or have their owners delete mail.",
        n,
    )
    url = f"{reverse('mailboxes', args=[name])}?state=full"
    return Need(what=text % {"n": n, "domain": display}, why=why, url=url, action=_("See the full ones"))


_FATES = (
    (Status.DELIVERED, "ok", "check"),
    (Status.PROGRESS, "move", "go"),
    (Status.DEFERRED, "wait", "clock"),
    (Status.FAILED, "bad", "cross"),
    (Status.REJECTED, "off", "noentry"),
)


def day(user: Any) -> list[Part]:
    """One query: what became of the mail of the last 24 hours. Not for the provider's staff, who see
    everybody's."""
    if user.is_superuser:
        return []
    since = timezone.now() - timedelta(days=1)
    found = delivery.entries(user, None, delivery.TrackQuery()).filter(at__gte=since)
    many = dict(found.order_by().values_list("status").annotate(Count("pk")))
    url = reverse("track-all")
    return [
        Part(
            Mark(css if many.get(status) else "off", icon, str(status.label)),
            many.get(status, 0),
            f"{url}?status={status}",
        )
        for status, css, icon in _FATES
    ]


def home(user: Any, query: HomeQuery) -> Home:
    """The whole page in six queries, beside the two of every signed-in page and the switcher's one."""
    domains, previous, following = page(user, query)
    today = delivery.counts_today([domain.pk for domain in domains])
    return Home(
        query=query,
        used=used(user),
        rows=rows(domains, {pk: counts["sent"] for pk, counts in today.items()}),
        needs=needs(user),
        day=day(user),
        previous=previous,
        next=following,
    )
