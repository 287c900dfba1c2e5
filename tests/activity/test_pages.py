"""The list and the export: what they say, and to whom."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Domain, Membership
from activity.models import Entry
from lib.history import acting
from mailboxes.models import Mailbox
from tests import factories
from tests.activity.conftest import House, visit

pytestmark = pytest.mark.django_db
LIST = "/activity/"
EXPORT = "/activity/export.csv"


def _text(client: Client, path: str = LIST, **query: Any) -> str:
    response: Any = client.get(path, query)
    assert response.status_code == 200
    if response.streaming:
        return str(b"".join(response.streaming_content), "utf-8-sig")
    return str(response.content, "utf-8")


def _quota(house: House, mb: int = 2048) -> None:
    with acting(house.owner, "/mailboxes/", ip="203.0.113.9"):
        Mailbox.objects.filter(pk=house.box.pk).update(quota_mb=mb)


def test_an_entry_in_words(luna: House) -> None:
    luna.owner.name = "Inés"
    luna.owner.save()
    _quota(luna)
    page = _text(visit(luna.owner))
    assert "Inés changed “quota” of the mailbox ana@luna.test from 1,000 MB to 2 GB" in page
    assert "203.0.113.9" in page


def test_acting_names_both(luna: House) -> None:
    with acting(luna.boss, "/x/", acting_for=luna.account.pk):
        Mailbox.objects.filter(pk=luna.box.pk).update(quota_mb=5)
    assert "as Nube luna acting for Panadería luna" in _text(visit(luna.owner))


def test_the_other_tenant_sees_nothing(luna: House, sol: House) -> None:
    _quota(luna)
    for user in (sol.owner, sol.boss):
        client = visit(user)
        for query in ({}, {"q": "luna"}, {"domain": "luna.test"}, {"who": "ines@luna.test"}):
            for path in (LIST, EXPORT):
                page = _text(client, path, **query)
                assert "ana@luna.test" not in page
                assert "Panadería luna" not in page
        for pk in (luna.account.pk, luna.reseller.pk, 10**9, "x"):
            for path in (LIST, EXPORT):
                assert client.get(path, {"account": pk}).status_code == 404


def test_a_reseller_sees_its_clients_named(luna: House, sol: House) -> None:
    client = visit(luna.boss)
    page = _text(client)
    assert "Panadería luna" in page
    assert "sol" not in page.split("<table")[1]
    assert "ana@luna.test" in _text(client, account=luna.account.pk)


def test_a_client_does_not_see_its_reseller(luna: House) -> None:
    assert visit(luna.owner).get(LIST, {"account": luna.reseller.pk}).status_code == 404
    assert "boss@luna.test" not in _text(visit(luna.owner))


def test_a_new_reseller_sees_nothing_of_before(luna: House, sol: House) -> None:
    luna.account.reseller = sol.reseller
    luna.account.save()
    page = _text(visit(sol.boss), account=luna.account.pk)
    assert "ana@luna.test" not in page
    _quota(luna)
    assert "ana@luna.test" in _text(visit(sol.boss))
    assert "2 GB" not in _text(visit(luna.boss))


def test_a_domain_taken_by_another_account_brings_nothing(luna: House, sol: House) -> None:
    luna.domain.delete()
    factories.MailDomainFactory.create(
        domain=Domain.objects.create(account=sol.account, name="luna.test", display_name="luna.test")
    )
    page = _text(visit(sol.owner), domain="luna.test")
    assert "ana@luna.test" not in page
    assert "luna.test" in page
    assert "ana@luna.test" in _text(visit(luna.owner), domain="luna.test")


def test_the_provider_sees_all(luna: House, sol: House) -> None:
    page = _text(visit(factories.UserFactory.create(is_staff=True, is_superuser=True)))
    assert "ana@luna.test" in page
    assert "ana@sol.test" in page


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("manager", 200), ("reader", 200), ("creator", 403)]
)
def test_roles(luna: House, role: str, status: int) -> None:
    user = factories.MembershipFactory.create(account=luna.account, role=role).user
    for path in (LIST, EXPORT):
        assert visit(user).get(path).status_code == status


def test_a_place_for_some_domains_is_none_here(luna: House) -> None:
    place = factories.MembershipFactory.create(account=luna.account, role="manager", all_domains=False)
    place.domains.add(luna.domain)
    assert visit(place.user).get(LIST).status_code == 403


def test_the_suspended_and_the_anonymous(luna: House) -> None:
    assert visit(None).get(LIST).status_code == 302
    luna.account.no_sign_in, luna.account.suspended_at = True, luna.domain.created_at
    luna.account.save()
    assert visit(luna.owner).get(LIST).status_code in {302, 403, 404}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_changed_here(luna: House, method: str) -> None:
    for path in (LIST, EXPORT):
        assert getattr(visit(luna.owner), method)(path).status_code == 405


def test_filters(luna: House) -> None:
    _quota(luna)
    client = visit(luna.owner)
    wanted = "2 GB"
    for fits in (
        {"kind": "mailboxes.mailbox"},
        {"action": "update"},
        {"who": "ines@luna.test"},
        {"domain": "LUNA.test"},
        {"q": "ana@luna"},
        {"q": "ines"},
        {"since": "2020-01-01", "until": "2099-01-01"},
    ):
        assert wanted in _text(client, **fits), fits
        assert wanted in _text(client, EXPORT, **fits), fits
    for not_fitting in (
        {"kind": "dnszone.record"},
        {"action": "delete"},
        {"who": "nobody@luna.test"},
        {"domain": "other.test"},
        {"q": "nothing like it"},
        {"until": "2020-01-01"},
    ):
        assert wanted not in _text(client, **not_fitting), not_fitting
        assert "Nothing fits this filter" in _text(client, **not_fitting), not_fitting


def test_nonsense_filters_are_left_out(luna: House) -> None:
    client = visit(luna.owner)
    for query in (
        {"kind": "x"},
        {"since": "tomorrow"},
        {"after": "9-"},
        {"after": "1e9-1"},
        {"domain": ".."},
    ):
        assert "ana@luna.test" in _text(client, **query), query
    far = f"{10**17}-{10**17}"
    assert client.get(LIST, {"after": far}).status_code == 200


def test_pages_follow_each_other_without_gap_or_double(luna: House) -> None:
    for n in range(120):
        Mailbox.objects.filter(pk=luna.box.pk).update(quota_mb=5000 + n)
    client, path, seen = visit(luna.owner), LIST, []
    while path:
        context = client.get(path).context
        seen += [row.entry.pk for row in context["rows"]]
        path = f"{LIST}{context['older']}" if context["older"] else ""
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == Entry.objects.filter(account_id=luna.account.pk).count()


def test_eight_queries_at_most(luna: House) -> None:
    factories.MembershipFactory.create(user=luna.owner)
    for n in range(200):
        Mailbox.objects.filter(pk=luna.box.pk).update(quota_mb=5000 + n)
    for user, query in (
        (luna.owner, {"account": luna.account.pk, "q": "ana", "kind": "mailboxes.mailbox"}),
        (luna.boss, {"domain": "luna.test"}),
        (luna.boss, {"account": luna.account.pk}),
        (factories.UserFactory.create(is_superuser=True, is_staff=True), {"account": luna.account.pk}),
    ):
        client = visit(user)
        with CaptureQueriesContext(
            connection,
        ) as counted:
            _text(client, **query)
        assert len(counted) <= 8, [one["sql"][:90] for one in counted]


def test_a_hostile_name_is_only_a_name(luna: House) -> None:
    name = "<script>alert(1)</script>"
    luna.owner.name = name
    luna.owner.save()
    luna.account.name = '=HYPERLINK("http://evil.test")'
    luna.account.save()
    _quota(luna)
    page = _text(visit(luna.owner))
    assert name not in page
    assert "&lt;script&gt;" in page
    for row in csv.reader(io.StringIO(_text(visit(luna.owner), EXPORT))):
        assert not [text for text in row if text.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_export_holds_all_of_it(luna: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activity.selectors.CHUNK", 7)
    for n in range(20):
        _quota(luna, 6000 + n)
    rows = list(csv.DictReader(io.StringIO(_text(visit(luna.owner), EXPORT))))
    assert len(rows) == Entry.objects.filter(account_id=luna.account.pk).count()
    assert rows[0]["after"] == "quota: 5.88 GB"
    assert rows[0]["address"] == "ines@luna.test"
    assert rows[0]["from"] == "from 203.0.113.9"


def test_a_person_in_two_accounts_chooses(luna: House, sol: House) -> None:
    Membership.objects.create(account=sol.account, user=luna.owner)
    client = visit(luna.owner)
    assert "ana@sol.test" in _text(client, account=sol.account.pk)
    assert "ana@luna.test" not in _text(client, account=sol.account.pk)
    assert "ana@sol.test" in _text(client, domain="sol.test")


def test_a_request_is_told_with_its_address_and_without_its_tokens(luna: House) -> None:
    client = visit(luna.owner)
    client.post(reverse("profile"), {"name": "Inés Luna", "theme": ""})
    entry = luna.entries(model="accounts.user", label="update")[-1]
    assert (entry.who, entry.ip, entry.diff) == (
        "ines@luna.test",
        "127.0.0.1",
        {"name": [luna.owner.name, "Inés Luna"]},
    )
