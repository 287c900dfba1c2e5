"""Track Delivery's pages: who sees what, in how many queries, and that nothing in them is alive."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Domain, User
from delivery import selectors
from delivery.models import Direction, Entry, Status
from provision.models import Node
from tests.delivery.conftest import Lines, owned_domain, owner
from tests.factories import UserFactory

Q = "4jXFb45vvCzLK"
SignIn = Callable[[User], Client]


def get(client: Client, path: str, **values: Any) -> Any:
    return client.get(path, values, secure=True)


def list_of(client: Client, domain: Domain, **values: Any) -> str:
    answer = get(client, f"/domains/{domain.name}/track/", **values)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_list_says_what_became_of_each(node: Node, luna: Domain, signed_in: SignIn) -> None:
    lines = Lines()
    lines.mail(Q + "001", sender="a@far.example", to="ana@luna.test", subject="Factura 7")
    lines.mail(
        Q + "002",
        sender="ana@luna.test",
        to="x@down.example",
        login="ana@luna.test",
        status="deferred",
        dsn="4.4.1",
        text="connect to down.example[192.0.2.1]:25: Connection refused",
        remove=False,
    )
    lines.mail(
        Q + "003",
        sender="ana@luna.test",
        to="no@far.example",
        login="ana@luna.test",
        status="bounced",
        dsn="5.1.1",
        text="host far said: 550 5.1.1 no such user (in reply to RCPT TO command)",
    )
    lines.add(
        "smtpd",
        "NOQUEUE: reject: RCPT from h[192.0.2.1]: 550 5.1.1 <nosuch@luna.test>: Recipient address "
        "rejected: User unknown in "
        "virtual mailbox table; from=<spam@far.example> to=<nosuch@luna.test> proto=ESMTP helo=<h>",
    )
    lines.add("smtpd", f"{Q}004: client=h.example[192.0.2.9]")
    lines.add(
        "cleanup",
        (
            f"{Q}004: info: header Subject: soon from h[192.0.2.9]; from=<a@far.example> "
            f"to=<ana@luna.test> proto=ESMTP helo=<h>"
        ),
    )
    lines.take(node)
    page = list_of(signed_in(owner(luna)), luna)
    for text in (
        "Factura 7",
        "Delivered",
        "Deferred",
        "Their server takes no connection.",
        "Failed",
        "There is no such address there.",
        "Rejected",
        "There is no such address here.",
        "In progress",
        "soon",
        "1.21 KB",
    ):
        assert text in page
    today = selectors.counts_today([luna.pk])[luna.pk]
    assert today == {
        "sent": 2,
        "received": 1,
        "delivered": 1,
        "deferred": 1,
        "held": 0,
        "failed": 1,
        "rejected": 1,
        "progress": 1,
    }


def test_progress_gives_way_to_what_was_tried(node: Node, luna: Domain) -> None:
    lines = Lines().add("smtpd", f"{Q}001: client=h.example[192.0.2.9]")
    lines.add(
        "cleanup",
        (
            f"{Q}001: info: header Subject: x from h[192.0.2.9]; from=<a@b.test> to=<team@luna.test> "
            f"proto=ESMTP helo=<h>"
        ),
    )
    lines.take(node)
    first = Entry.objects.get()
    assert first.status == Status.PROGRESS
    Lines().delivery(f"{Q}001", to="ana@luna.test", orig="team@luna.test").add(
        "qmgr", f"{Q}001: removed"
    ).take(node)
    entry = Entry.objects.get()
    assert (entry.pk, entry.address, entry.via, entry.status) == (
        first.pk,
        "ana@luna.test",
        "team@luna.test",
        Status.DELIVERED,
    )


def test_expired_has_failed(node: Node, luna: Domain) -> None:
    lines = Lines().mail(
        f"{Q}001",
        sender="ana@luna.test",
        to="x@far.example",
        login="ana@luna.test",
        status="deferred",
        remove=False,
    )
    lines.add("qmgr", f"{Q}001: from=<ana@luna.test>, status=expired, returned to sender").take(node)
    assert Entry.objects.get().status == Status.FAILED


def test_a_short_queue_id_used_again_is_another_mail(node: Node, luna: Domain) -> None:
    lines = Lines()
    for subject in ("first", "second"):
        lines.mail("8F21C3A0B1", sender="a@b.test", to="ana@luna.test", subject=subject)
        lines.at += timedelta(seconds=10)
    lines.take(node)
    assert set(Entry.objects.values_list("subject", flat=True)) == {"first", "second"}


# ---- who sees what


@pytest.mark.parametrize("path", ["/domains/luna.test/track/", "/domains/luna.test/track/news/"])
def test_outsider_gets_404(node: Node, luna: Domain, signed_in: SignIn, path: str) -> None:
    assert get(signed_in(UserFactory.create()), path).status_code == 404


def test_another_customers_message_is_404_under_any_address(
    node: Node, luna: Domain, sol: Domain, signed_in: SignIn
) -> None:
    Lines().mail(f"{Q}001", sender="a@b.test", to="ana@luna.test").take(node)
    entry = Entry.objects.get()
    client = signed_in(owner(sol))
    for path in (
        f"/domains/luna.test/track/{entry.pk}/",
        f"/domains/sol.test/track/{entry.pk}/",
        f"/track/{entry.pk}/",
    ):
        assert get(client, path).status_code == 404
    assert "ana@luna" not in get(client, "/track/").content.decode()


def test_signed_out_is_sent_to_the_sign_in(client: Client, node: Node, luna: Domain) -> None:
    assert get(client, "/domains/luna.test/track/").status_code == 302


def test_each_side_of_a_mail_between_two_customers(
    node: Node, luna: Domain, sol: Domain, signed_in: SignIn
) -> None:
    Lines().mail(
        f"{Q}001",
        sender="ana@luna.test",
        to="secret@sol.test",
        orig="info@sol.test",
        login="ana@luna.test",
        text="250 2.0.0 <secret@sol.test> sKmeMqBnAmsPFAAAg+zDdQ Saved",
    ).take(node)
    sent = Entry.objects.get(domain_id=luna.pk)
    came = Entry.objects.get(domain_id=sol.pk)
    assert (sent.direction, sent.address, sent.via) == (Direction.OUT, "info@sol.test", "")
    assert (came.direction, came.address, came.via) == (Direction.IN, "secret@sol.test", "info@sol.test")
    client = signed_in(owner(luna))
    page = get(client, f"/domains/luna.test/track/{sent.pk}/").content.decode()
    assert "info" in page
    assert "secret" not in page + list_of(client, luna)
    assert "Handed in by ana@luna.test" in page
    other = get(signed_in(owner(sol)), f"/domains/sol.test/track/{came.pk}/").content.decode()
    assert "secret" in other
    assert "Handed in by" not in other
    assert "sasl_username" not in other
    assert "192.0.2.9" not in other


def test_other_recipients_of_the_same_mail_stay_hidden(
    node: Node, luna: Domain, sol: Domain, signed_in: SignIn
) -> None:
    Lines().mail(f"{Q}001", sender="a@far.example", to="ana@luna.test", remove=False).delivery(
        f"{Q}001", to="bcc@sol.test"
    ).take(node)
    came = Entry.objects.get(domain_id=sol.pk)
    page = get(signed_in(owner(sol)), f"/domains/sol.test/track/{came.pk}/").content.decode()
    assert "bcc" in page
    assert "luna.test" not in page


def test_a_claimed_sender_is_nobodys_outgoing_mail(node: Node, luna: Domain, sol: Domain) -> None:
    """Anybody may write MAIL FROM:<ana@luna.test> to sol.test on port 25: luna must not see it."""
    Lines().mail(f"{Q}001", sender="ana@luna.test", to="ben@sol.test").take(node)
    assert list(Entry.objects.values_list("domain_id", flat=True)) == [sol.pk]


def test_mail_inside_one_domain_is_one_row(node: Node, luna: Domain) -> None:
    Lines().mail(f"{Q}001", sender="ana@luna.test", to="ben@luna.test", login="ana@luna.test").take(node)
    assert Entry.objects.get().direction == Direction.INSIDE


def test_domain_added_again_by_somebody_else_sees_nothing_old(
    node: Node, luna: Domain, signed_in: SignIn
) -> None:
    lines = Lines().mail(
        f"{Q}001", sender="a@b.test", to="ana@luna.test", status="deferred", subject="private", remove=False
    )
    lines.take(node)
    Domain.objects.filter(pk=luna.pk).delete()
    again = owned_domain("luna.test")
    Domain.objects.filter(pk=again.pk).update(created_at=timezone.now() + timedelta(seconds=30))
    Lines().delivery(f"{Q}001", to="ana@luna.test").take(node)  # the old mail goes on
    Lines().mail(f"{Q}002", sender="a@b.test", to="ana@luna.test", subject="private too").take(
        node
    )  # an old line comes late
    assert "private" not in list_of(signed_in(owner(again)), again)
    assert not Entry.objects.filter(domain_id=again.pk).exists()


def test_a_notice_is_told_from_the_mail_it_is_about(node: Node, luna: Domain, signed_in: SignIn) -> None:
    lines = Lines().mail(
        f"{Q}001",
        sender="ana@luna.test",
        to="x@far.example",
        login="ana@luna.test",
        status="bounced",
        remove=False,
    )
    lines.add("bounce", f"{Q}001: sender non-delivery notification: {Q}002")
    lines.add("qmgr", f"{Q}002: from=<>, size=2321, nrcpt=1 (queue active)").delivery(
        f"{Q}002", to="ana@luna.test"
    ).take(node)
    assert "Notice about an undelivered mail" in list_of(signed_in(owner(luna)), luna)


def test_refusal_of_a_signed_in_sender_is_shown_to_him(node: Node, luna: Domain) -> None:
    Lines().add(
        "submission/smtpd",
        "NOQUEUE: reject: RCPT from h[192.0.2.1]: 553 5.7.1 <boss@luna.test>: Sender address rejected: "
        "not owned by user "
        "ana@luna.test; from=<boss@luna.test> to=<x@far.example> proto=ESMTP helo=<h>",
    ).take(node)
    entry = Entry.objects.get()
    assert (entry.domain_id, entry.direction, entry.status) == (luna.pk, Direction.OUT, Status.REJECTED)


# ---- reading


def many(node: Node, number: int) -> None:
    lines = Lines(datetime.now(UTC))
    for n in range(number):
        lines.at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=number - n + 40)
        lines.mail(
            f"{Q}{n:03}".replace("0", "B"), sender="a@far.example", to="ana@luna.test", subject=f"mail {n:03}"
        )
    lines.take(node)


def test_pages_go_on_by_key_and_miss_nothing(node: Node, luna: Domain, signed_in: SignIn) -> None:
    many(node, 125)
    client, url, seen = signed_in(owner(luna)), "/domains/luna.test/track/", []
    while url:
        page = client.get(url, secure=True).content.decode()
        seen += re.findall(r"mail (\d{3})", page)
        older = re.search(r'rel="next"\s+href="([^"]+)"', page)
        url = f"/domains/luna.test/track/{older[1]}".replace("&amp;", "&") if older else ""
    assert seen == [f"{n:03}" for n in reversed(range(125))]


@pytest.mark.parametrize(
    "path",
    [
        "/domains/luna.test/track/",
        "/track/",
        "/domains/luna.test/track/?q=mail&status=2&way=1&since=2020-01-01",
    ],
)
def test_at_most_eight_queries_however_long(
    node: Node, luna: Domain, signed_in: SignIn, django_assert_max_num_queries: Any, path: str
) -> None:
    many(node, 60)
    client = signed_in(owner(luna))
    with django_assert_max_num_queries(8):
        page = client.get(path, secure=True).content.decode()
    assert "mail 059" in page
    news = re.search(r'hx-get="([^"]+)"', page)
    assert news
    with django_assert_max_num_queries(4 if "/domains/" not in path else 5):
        assert client.get(news[1].replace("&amp;", "&"), secure=True).status_code == 204


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "factura"}, {"in"}),
        ({"q": "FACT"}, {"in"}),
        ({"q": "ana@luna.test"}, {"in", "out"}),
        ({"q": "far.example"}, {"out"}),
        ({"q": f"{Q}001"}, {"in"}),
        ({"q": f"<{Q}002@h.example>"}, {"out"}),
        ({"q": "nothing"}, set()),
        ({"q": "'; --"}, set()),
        ({"q": "%"}, set()),
        ({"q": "a & ! | ( :*"}, {"in", "out"}),
        ({"way": 1}, {"in"}),
        ({"way": 2}, {"out"}),
        ({"status": 2}, {"in"}),
        ({"status": 3}, {"out"}),
        ({"status": 99}, {"in", "out"}),
        ({"since": "2020-01-01"}, {"in", "out"}),
        ({"until": "2020-01-01"}, set()),
        ({"since": "31/31/31"}, {"in", "out"}),
        ({"since": "9999-12-31"}, {"in", "out"}),
        ({"until": "9999-12-31"}, {"in", "out"}),
        ({"since": "0001-01-01"}, {"in", "out"}),
        ({"before": "x"}, {"in", "out"}),
        ({"before": "9" * 18 + "_1"}, {"in", "out"}),
    ],
)
def test_filters(node: Node, luna: Domain, signed_in: SignIn, query: dict[str, Any], found: set[str]) -> None:
    lines = Lines().mail(f"{Q}001", sender="b@near.example", to="ana@luna.test", subject="Factura siete")
    lines.mail(
        f"{Q}002",
        sender="ana@luna.test",
        to="x@far.example",
        login="ana@luna.test",
        subject="Pedido",
        status="deferred",
    ).take(node)
    page = list_of(signed_in(owner(luna)), luna, **query)
    assert {
        name for name, text in (("in", "Factura siete"), ("out", "Pedido")) if f">{text}<" in page
    } == found


def test_days_the_wrong_way_round_are_a_field_error(node: Node, luna: Domain, signed_in: SignIn) -> None:
    assert "before the first one" in list_of(
        signed_in(owner(luna)), luna, since="2026-11-22", until="2026-11-01"
    )


def test_new_and_changed_rows_come_by_themselves(node: Node, luna: Domain, signed_in: SignIn) -> None:
    lines = Lines().mail(
        f"{Q}001", sender="a@b.test", to="ana@luna.test", subject="old", status="deferred", remove=False
    )
    lines.take(node)
    client = signed_in(owner(luna))

    def poll(page: str) -> Any:
        asked = re.search(r'hx-get="([^"]+)"', page)
        assert asked
        return client.get(asked[1].replace("&amp;", "&"), secure=True, headers={"HX-Request": "true"})

    page = list_of(client, luna)
    assert poll(page).status_code == 204
    Lines().delivery(f"{Q}001", to="ana@luna.test").take(node)
    Lines(timezone.now() + timedelta(seconds=40)).mail(
        f"{Q}002", sender="a@b.test", to="ana@luna.test", subject="new"
    ).take(node)
    news = poll(page).content.decode()
    first = Entry.objects.order_by("pk")[0]
    assert f'<tr id="e{first.pk}"' in news
    assert news.count("<tr ") == 2
    assert poll(news).status_code == 204


def test_hostile_text_is_inert(node: Node, luna: Domain, signed_in: SignIn) -> None:
    subject = (
        "=?utf-8?q?=3Cscript=3Ealert(1)=3C/script=3E=E2=80=AE?= <img src=x onerror=alert(1)> status=sent"
    )
    lines = Lines().mail(
        f"{Q}001",
        sender="<b>@x",
        to="ana@luna.test",
        subject=subject,
        status="bounced",
        text="<script>1</script> \u202e",
    )
    lines.mail(f"{Q}002", sender="a@b.test", to="ana@luna.test", subject=subject).take(node)
    client = signed_in(owner(luna))
    pages = [list_of(client, luna)]
    pages += [
        get(client, f"/domains/luna.test/track/{pk}/").content.decode()
        for pk in Entry.objects.values_list("pk", flat=True)
    ]
    for page in pages:
        body = re.sub(r'<script (type="module" )?src="[^"]*"[^>]*></script>', "", page)
        assert "<script>" not in body
        assert "<img src=x" not in body
        assert "\u202e" not in body


def test_message_page_tells_the_journey(node: Node, luna: Domain, signed_in: SignIn) -> None:
    Lines().mail(f"{Q}001", sender="a@far.example", to="ana@luna.test").take(node)
    page = get(signed_in(owner(luna)), f"/domains/luna.test/track/{Entry.objects.get().pk}/").content.decode()
    for text in (
        "Came from another server",
        "h.example[192.0.2.9]",
        "Put into the mailbox",
        "mx.example[192.0.2.7]:25",
        "status=sent",
        f"&lt;{Q}001@h.example&gt;",
    ):
        assert text in page


def test_recent_is_one_query_and_one_domain(
    node: Node, luna: Domain, sol: Domain, django_assert_num_queries: Any
) -> None:
    Lines().mail(f"{Q}001", sender="a@b.test", to="ana@luna.test").mail(
        f"{Q}002", sender="a@b.test", to="ben@luna.test"
    ).take(node)
    with django_assert_num_queries(1):
        assert [entry.address for entry in selectors.recent(domain=luna)] == [
            "ben@luna.test",
            "ana@luna.test",
        ]
    assert [entry.address for entry in selectors.recent(domain=luna, address="ana@luna.test")] == [
        "ana@luna.test"
    ]
    assert selectors.recent(domain=sol) == []


def test_provider_sees_refused_relaying_and_unparsed_lines(node: Node, client: Client) -> None:
    admin = UserFactory.create(is_staff=True, is_superuser=True)
    Lines().add(
        "smtpd",
        "NOQUEUE: reject: RCPT from h[192.0.2.1]: 554 5.7.1 <x@far.example>: Relay access denied; "
        "from=<a@b.test> "
        "to=<x@far.example> proto=ESMTP helo=<h>",
    ).add("smtpd", "no <b>grammar</b> \u202e fits").take(node)
    client.force_login(admin)
    assert "far.example" in get(client, "/track/").content.decode()
    assert get(client, f"/track/{Entry.objects.get().pk}/").status_code == 200
    page = get(client, "/admin/delivery/unparsed/").content.decode()
    assert "no &lt;b&gt;grammar&lt;/b&gt; ⟨U+202E⟩ fits" in page
    assert get(client, "/admin/delivery/logfile/").status_code == 200
    assert get(client, "/admin/delivery/unparsed/add/").status_code == 403
