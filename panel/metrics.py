"""What a Prometheus asks for. Nothing is counted in this process: all is read from the database when it is
asked, in seven queries, so every process of the panel tells the same, and after a restart too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from delivery.logs import logs
from delivery.models import Alert, Entry, Status
from lib import timekey
from provision.models import Push

_HOUR = dt.timedelta(hours=1)
_OF = ["node", "log"]


class Numbers(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _logs()
        yield _deliveries()
        yield from _pushes()
        yield _alerts()


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 when METRICS_TOKEN is empty, 401 without it as a bearer token."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _logs() -> Iterator[Metric]:
    behind = GaugeMetricFamily(
        "postroom_log_behind_bytes", "Bytes of the log that are not here yet.", labels=_OF
    )
    age = GaugeMetricFamily(
        "postroom_log_age_seconds", "Age of the oldest line that is not here yet.", labels=_OF
    )
    heard = GaugeMetricFamily(
        "postroom_log_last_line_seconds", "Unix time at which lines last came.", labels=_OF
    )
    told = GaugeMetricFamily(
        "postroom_log_told_seconds", "Unix time at which the shipper last told.", labels=_OF
    )
    lost = CounterMetricFamily(
        "postroom_log_lost_files", "Log files that went away before they were read.", labels=_OF
    )
    lines = CounterMetricFamily("postroom_log_lines", "Log lines that came.", labels=_OF)
    unparsed = CounterMetricFamily("postroom_log_unparsed", "Log lines that nobody understood.", labels=_OF)
    for log in logs():
        of = [log.node.name, log.name]
        lines.add_metric(of, log.lines)
        unparsed.add_metric(of, log.unparsed)
        if log.heard_at is not None:
            heard.add_metric(of, log.heard_at.timestamp())
        if log.told_at is not None:
            told.add_metric(of, log.told_at.timestamp())
            behind.add_metric(of, log.behind)
            age.add_metric(of, log.age)
            lost.add_metric(of, log.lost)
    yield from (behind, age, heard, told, lost, lines, unparsed)


def _deliveries() -> Metric:
    """Of the last 60 minutes. A mail between two domains of ours is counted at each."""
    since = timekey.floor(timezone.now() - _HOUR)
    rows = Entry.objects.filter(pk__gte=since).order_by().values_list("status").annotate(n=Count("pk"))
    counted = dict(rows)
    family = GaugeMetricFamily(
        "postroom_deliveries_last_hour",
        "Rows of Track Delivery that began in the last hour.",
        labels=["status"],
    )
    for status in Status:
        family.add_metric([status.name.lower()], counted.get(status.value, 0))
    return family


def _pushes() -> Iterator[Metric]:
    behind = Push.objects.behind().aggregate(
        waiting=Count("pk", filter=Q(last_error="")), failed=Count("pk", filter=~Q(last_error=""))
    )
    yield GaugeMetricFamily("postroom_pushes_waiting", "Changes on their way to a node.", behind["waiting"])
    yield GaugeMetricFamily("postroom_pushes_failed", "Changes that a node refused.", behind["failed"])


def _alerts() -> Metric:
    counted = dict(Alert.objects.still_open().order_by().values_list("kind").annotate(n=Count("pk")))
    family = GaugeMetricFamily("postroom_alerts_open", "Alerts that are so now.", labels=["kind"])
    for kind in Alert.Kind.values:
        family.add_metric([kind], counted.get(kind, 0))
    return family
