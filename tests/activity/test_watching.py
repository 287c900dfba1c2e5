"""Every change of every tracked table is told once, whoever makes it and however."""

from __future__ import annotations

import json
from typing import Any

import pghistory
import pytest
from django.apps import apps
from django.db import IntegrityError, InternalError, connection, transaction

from accounts.models import Account, Domain, Membership, User
from activity.models import Entry
from activity.sentences import SPECIAL, sentence
from activity.words import THINGS
from dnszone import services
from dnszone.models import Record
from dnszone.services import Change, RecordSpec
from lib.history import acting
from mailboxes.models import Mailbox
from tests import factories
from tests.activity.conftest import House, build

pytestmark = pytest.mark.django_db

# Tracked without three triggers, and why.
LEFT_OUT = {"mailboxes.CleanUp": "told when it is made; nothing changes it"}


def _sql(text: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def test_every_tracked_table_is_watched() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger"
            " WHERE tgname LIKE 'activity\\_%' AND tgname <> 'activity_kept' GROUP BY 1"
        )
        watched = dict(cursor.fetchall())
    tracked = {
        model.pgh_tracked_model._meta for model in apps.get_models() if hasattr(model, "pgh_tracked_model")
    }
    missing = {meta.label for meta in tracked if watched.get(meta.db_table) != 3} - set(LEFT_OUT)
    assert not missing, "watch these in a migration of activity, see activity.watching"
    metas = [model._meta for model in apps.get_models() if not model._meta.proxy]
    kinds = {meta.label_lower for meta in metas if watched.get(meta.db_table) in {1, 3}}
    assert kinds == set(THINGS), "give these words in activity.words"
    assert set(SPECIAL) <= kinds


def test_raw_sql_shows_and_nobody_is_named(luna: House) -> None:
    _sql("UPDATE mailboxes_mailbox SET quota_mb = 2048 WHERE id = %s", luna.box.pk)
    (entry,) = luna.entries(model="mailboxes.mailbox", label="update")
    assert entry.diff == {"quota_mb": [1000, 2048]}
    assert (entry.name, entry.domain_name) == ("ana@luna.test", "luna.test")
    assert (entry.via, entry.who, entry.ip) == ("database", "", None)
    assert (entry.account_id, entry.top_id) == (luna.account.pk, luna.reseller.pk)


def test_bulk_updates_show_for_each_object(luna: House, sol: House) -> None:
    boxes = [luna.box, sol.box]
    for box in boxes:
        box.quota_mb = 3000
    Mailbox.objects.bulk_update(boxes, ["quota_mb"])
    Mailbox.objects.update(quota_mb=4000)
    for house in (luna, sol):
        diffs = [entry.diff for entry in house.entries(model="mailboxes.mailbox", label="update")]
        assert diffs == [{"quota_mb": [1000, 3000]}, {"quota_mb": [3000, 4000]}]


def test_bulk_inserts_and_an_upsert(luna: House) -> None:
    zone = factories.ZoneFactory.create(domain=luna.domain)
    rows = [Record(zone=zone, owner=f"h{n}", type="A", rdata="192.0.2.1") for n in range(30)]
    Record.objects.bulk_create(rows)
    found = luna.entries(model="dnszone.record")
    assert {entry.name for entry in found} == {f"h{n} A" for n in range(30)}
    assert {entry.domain_name for entry in found} == {"luna.test"}


def test_an_applied_set_is_told_once(luna: House) -> None:
    zone = factories.ZoneFactory.create(domain=luna.domain)
    factories.NodeFactory.create()
    wanted = [Change(spec=RecordSpec(owner=f"h{n}", type="A", rdata="192.0.2.1")) for n in range(30)]
    wanted.append(Change(spec=RecordSpec(owner="h", type="TXT", rdata="x")))
    services.zone_apply(actor=luna.boss, zone=zone, changes=wanted, note=services.Note(reason="new shop"))
    assert luna.entries(model="dnszone.record") == []
    (entry,) = luna.entries(model="dnszone.zoneversion")
    assert sentence(entry).endswith("changed 31 records of luna.test: A, TXT; “new shop”")
    assert "gone" not in entry.diff
    assert len(json.dumps(entry.diff)) < 400
    _sql("UPDATE dnszone_record SET ttl = 60 WHERE owner = 'h1'")  # past the panel: told by itself
    (past,) = luna.entries(model="dnszone.record")
    assert past.diff == {"ttl": [3600, 60]}
    zone.delete()
    assert len(luna.entries(model="dnszone.zoneversion")) == 1


def test_what_changes_nothing_leaves_nothing(luna: House) -> None:
    before = Entry.objects.count()
    Mailbox.objects.update(quota_mb=1000)
    Mailbox.objects.update(used_mb=7, messages=3)
    Mailbox.objects.filter(pk=0).update(quota_mb=1)
    Domain.objects.filter(pk=0).delete()
    assert Entry.objects.count() == before


def test_cascades_keep_whose_it_was(luna: House) -> None:
    factories.ZoneFactory.create(domain=luna.domain)
    luna.domain.delete()
    gone = {(entry.model, entry.name) for entry in luna.entries(label="delete")}
    assert gone == {
        ("accounts.domain", "luna.test"),
        ("dnszone.zone", "luna.test"),
        ("mailboxes.maildomain", "luna.test"),
        ("mailboxes.mailbox", "ana@luna.test"),
    }
    assert {entry.domain_name for entry in luna.entries(label="delete")} == {"luna.test"}


def test_sql_that_deletes_the_top_first(luna: House) -> None:
    _sql("DELETE FROM accounts_domain WHERE id = %s", luna.domain.pk)
    _sql("DELETE FROM mailboxes_maildomain WHERE id = %s", luna.box.mail_domain_id)
    _sql("DELETE FROM mailboxes_mailbox WHERE id = %s", luna.box.pk)
    assert len(luna.entries(label="delete")) == 3


def test_an_account_that_is_gone_has_its_last_line(luna: House) -> None:
    luna.domain.delete()
    Membership.objects.filter(account=luna.account).delete()
    pk = luna.account.pk
    Account.objects.filter(pk=pk).delete()
    last = Entry.objects.filter(account_id=pk).latest("pk")
    assert (last.model, last.label, last.top_id) == ("accounts.account", "delete", luna.reseller.pk)


def test_a_person_shows_in_each_account_they_are_in(luna: House, sol: House) -> None:
    factories.MembershipFactory.create(account=sol.account, user=luna.owner)
    User.objects.filter(pk=luna.owner.pk).update(name="Inés")
    assert len(luna.entries(model="accounts.user", label="update")) == 1
    assert len(sol.entries(model="accounts.user", label="update")) == 1


def test_a_secret_is_told_as_changed_and_never_itself(luna: House) -> None:
    luna.owner.set_password("harina-violeta-91")
    luna.owner.save()
    Mailbox.objects.filter(pk=luna.box.pk).update(password_hash="{ARGON2ID}$new")
    (person,) = luna.entries(model="accounts.user", label="update")
    (box,) = luna.entries(model="mailboxes.mailbox", label="update")
    assert person.diff == {"password": [None, None]}
    assert box.diff == {"password_hash": [None, None]}


def test_no_column_of_a_secret_is_ever_said(luna: House) -> None:
    said = {column for entry in Entry.objects.all() for column in entry.diff}
    ends = ("password", "hash", "secret", "token", "nonce", "key")
    assert not {column for column in said if column.endswith(ends)}


def test_keys_are_told_as_names(luna: House) -> None:
    plan = apps.get_model("accounts", "Plan").objects.create(name="Large")
    Account.objects.filter(pk=luna.account.pk).update(plan=plan)
    (entry,) = luna.entries(model="accounts.account", label="update")
    assert entry.diff == {"plan_id": [None, "Large"]}


def test_who_where_and_for_whom(luna: House) -> None:
    with acting(luna.boss, "/mailboxes/", acting_for=luna.account.pk, ip="203.0.113.9"):
        Mailbox.objects.update(quota_mb=5)
    entry = luna.entries(model="mailboxes.mailbox", label="update")[0]
    assert (entry.via, entry.who, entry.user_id) == ("person", "boss@luna.test", luna.boss.pk)
    assert entry.ip == "203.0.113.9"
    assert (entry.acting_as, entry.acting_for_name) == ("Nube luna", "Panadería luna")


@pytest.mark.parametrize(
    ("said", "via", "who"),
    [
        ({"user": None, "url": "task mailboxes.tidy"}, "panel", ""),
        ({"user": None, "url": "command demo"}, "command", ""),
        ({"user": None, "mailbox": "ana@luna.test", "url": "/mailbox/"}, "mailbox", "ana@luna.test"),
    ],
)
def test_other_hands(luna: House, said: dict[str, Any], via: str, who: str) -> None:
    with pghistory.context(**said):
        Mailbox.objects.update(quota_mb=5)
    entry = luna.entries(model="mailboxes.mailbox", label="update")[0]
    assert (entry.via, entry.who) == (via, who)


def test_what_is_written_stays(luna: House) -> None:
    for text in ("UPDATE activity_entry SET name = ''", "DELETE FROM activity_entry"):
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            _sql(text)
    assert json.dumps(luna.entries()[0].diff)


def test_a_rollback_takes_it_along() -> None:
    with transaction.atomic():
        build("nunca")
        transaction.set_rollback(True)
    assert not Entry.objects.filter(words__contains="nunca").exists()
