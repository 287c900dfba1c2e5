"""/metrics: for whoever has the token, in the text form of Prometheus, out of the database alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from delivery.models import Alert, NodeHealth, Status
from provision.models import Node, Push
from tests import factories
from tests.delivery.conftest import Lines
from tests.delivery.rows import alert_make, entry_make

pytestmark = pytest.mark.django_db
TOKEN = "a-long-token"
PATH = "/metrics"


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def node() -> Node:
    return factories.NodeFactory.create(name="mail1")


def scrape(client: Client) -> dict[tuple[str, tuple[str, ...]], float]:
    answer = client.get(PATH, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, tuple(value for _label, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xe9"]
)
def test_without_the_token_nothing(client: Client, given: str) -> None:
    answer = client.get(PATH, headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.content == b""


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}"])
def test_without_a_token_of_ours_there_is_no_page(client: Client, settings: Any, given: str) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get(PATH, headers={"Authorization": given}).status_code == 404


def test_a_session_is_no_token(client: Client) -> None:
    client.force_login(factories.UserFactory.create(is_staff=True, is_superuser=True))
    assert client.get(PATH).status_code == 401
    assert client.post(PATH).status_code == 405


def test_what_it_tells(client: Client, node: Node) -> None:
    Lines().mail("4jXFb45vvCzLKnH", sender="a@b.test", to="c@d.test").add("smtpd", "what is this").take(node)
    says = {"behind": 4096, "age": 7, "lost": 2, "unparsed": 1}
    NodeHealth.objects.create(node=node, logs={"postfix": says}, told_at=timezone.now())
    entry_make(None, node=node, status=Status.FAILED)
    Push.objects.create(node=node, key="a", kind="mailbox", next_try_at=timezone.now())
    Push.objects.create(
        node=node, key="b", kind="mailbox", next_try_at=timezone.now(), last_error="no", attempts=1
    )
    alert_make(None)
    Alert.objects.create(
        kind="node", began_at=timezone.now(), seen_at=timezone.now(), resolved_at=timezone.now()
    )
    found, of = scrape(client), ("postfix", "mail1")
    assert found["postroom_log_behind_bytes", of] == 4096
    assert found["postroom_log_age_seconds", of] == 7
    assert found["postroom_log_lost_files_total", of] == 2
    assert found["postroom_log_lines_total", of] == 7
    assert found["postroom_log_unparsed_total", of] == 1
    assert found["postroom_deliveries_last_hour", ("delivered",)] == 1
    assert found["postroom_deliveries_last_hour", ("failed",)] == 1
    assert found["postroom_deliveries_last_hour", ("held",)] == 0
    assert found["postroom_pushes_waiting", ()] == 1
    assert found["postroom_pushes_failed", ()] == 1
    assert found["postroom_alerts_open", ("guessing",)] == 1
    assert found["postroom_alerts_open", ("node",)] == 0
    assert not [name for name, _labels in found if not name.startswith("postroom_")]


def test_twice_is_the_same_and_few_queries(
    client: Client, node: Node, django_assert_max_num_queries: Any
) -> None:
    for n in range(20):
        other = factories.NodeFactory.create(name=f"n{n}")
        NodeHealth.objects.create(node=other, logs={"postfix": {"lost": n}}, told_at=timezone.now())
    with django_assert_max_num_queries(6):
        first = scrape(client)
    assert scrape(client) == first
