"""A person's draft in the database: gathered, applied as one set, merged, given up."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, Domain, User
from dnszone import selectors, services
from dnszone.changeset import Stale
from dnszone.desired import desired_zone
from dnszone.models import Draft, Record, Zone, ZoneVersion
from dnszone.services import Change, RecordSpec
from lib.errors import Denied, Refused
from provision.models import Push
from tests.dnszone.conftest import record
from tests.dnszone.test_services import pushed, served
from tests.factories import MembershipFactory, UserFactory
from tests.racing import race


def spec(owner: str, rdata: str, kind: str = "A", ttl: int = 3600, comment: str = "") -> RecordSpec:
    return RecordSpec(owner=owner, type=kind, rdata=rdata, ttl=ttl, comment=comment)


def gather(user: User, zone: Zone, *changes: Change, base: int | None = None) -> Draft:
    return services.draft_change(actor=user, zone=zone, changes=list(changes), base_serial=base)


def apply(user: User, zone: Zone, draft: Draft, reason: str = "") -> ZoneVersion | None:
    zone.refresh_from_db()
    return services.draft_apply(actor=user, zone=zone, rev=draft.rev, serial=zone.serial, reason=reason)


@pytest.fixture
def carmen(domain: Domain) -> User:
    user = UserFactory.create(email="carmen@people.test", name="Carmen")
    MembershipFactory.create(account=domain.account, user=user)
    return user


def test_what_is_gathered_changes_nothing_until_it_is_applied(zone: Zone, alice: User) -> None:
    before, serial = pushed(), zone.serial
    draft = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    zone.refresh_from_db()
    assert (pushed(), zone.serial) == (before, serial)
    version = apply(alice, zone, draft, "new shop")
    zone.refresh_from_db()
    assert served("www.example.test.", "A") == ["192.0.2.80"]
    assert pushed() == desired_zone("zone/example.test")
    assert version is not None
    assert (version.serial, version.who, version.reason) == (zone.serial, "alice@people.test", "new shop")
    assert version.come == [["www", "A", "192.0.2.80", 3600, "", ""]]
    assert not Draft.objects.exists()


def test_many_edits_are_one_set_and_one_version(zone: Zone, alice: User) -> None:
    mx = record(zone, "@", "MX")
    gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    gather(alice, zone, Change(record=mx.pk, spec=spec("@", "5 mx.example.net", "MX")))
    draft = gather(alice, zone, Change(record=record(zone, "_dmarc", "TXT").pk))
    count, revision = ZoneVersion.objects.count(), Push.objects.get(key="zone/example.test").desired_rev
    apply(alice, zone, draft)
    assert ZoneVersion.objects.count() == count + 1
    assert Push.objects.get(key="zone/example.test").desired_rev > revision
    assert served("example.test.", "MX") == ["5 mx.example.net."]
    assert served("_dmarc.example.test.", "TXT") == []


def test_what_was_previewed_is_what_is_applied(zone: Zone, alice: User) -> None:
    draft = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    gather(alice, zone, Change(spec=spec("ftp", "192.0.2.80")))
    with pytest.raises(Stale):
        apply(alice, zone, draft)
    assert Draft.objects.get().items
    assert not Record.objects.filter(owner="www").exists()


def test_an_old_preview_never_applies_a_draft_begun_anew(zone: Zone, alice: User) -> None:
    draft = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    services.draft_discard(actor=alice, zone=zone)
    gather(alice, zone, Change(spec=spec("evil", "192.0.2.66")))
    with pytest.raises(Stale):
        apply(alice, zone, draft)


def test_somebody_elses_change_of_the_same_records_is_shown_first(
    zone: Zone, alice: User, carmen: User
) -> None:
    mx = record(zone, "@", "MX")
    mine = gather(alice, zone, Change(record=mx.pk, spec=spec("@", "5 a.example.net", "MX")))
    theirs = gather(carmen, zone, Change(record=mx.pk, spec=spec("@", "5 b.example.net", "MX")))
    apply(carmen, zone, theirs)
    with pytest.raises(Stale, match=r"b\.example\.net"):
        apply(alice, zone, mine)
    draft = services.draft_rebase(actor=alice, zone=zone)
    apply(alice, zone, draft)
    assert served("example.test.", "MX") == ["5 a.example.net."]


def test_taking_theirs_leaves_the_rest_of_mine(zone: Zone, alice: User, carmen: User) -> None:
    mx = record(zone, "@", "MX")
    mine = gather(alice, zone, Change(record=mx.pk), Change(spec=spec("www", "192.0.2.80")))
    apply(carmen, zone, gather(carmen, zone, Change(record=mx.pk, spec=spec("@", "5 b.example.net", "MX"))))
    clashes = selectors.draft_rows(mine, selectors.rows_of(zone)).conflicts
    draft = services.draft_rebase(actor=alice, zone=zone, drop=[clash.item["id"] for clash in clashes])
    apply(alice, zone, draft)
    assert served("example.test.", "MX") == ["5 b.example.net."]
    assert served("www.example.test.", "A") == ["192.0.2.80"]


def test_a_change_elsewhere_asks_for_the_new_preview_and_no_merge(
    zone: Zone, alice: User, carmen: User
) -> None:
    mine = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    seen = zone.serial
    apply(carmen, zone, gather(carmen, zone, Change(spec=spec("ftp", "192.0.2.81"))))
    with pytest.raises(Stale):
        services.draft_apply(actor=alice, zone=zone, rev=mine.rev, serial=seen)
    assert not selectors.draft_rows(mine, selectors.rows_of(zone)).conflicts
    assert apply(alice, zone, mine)


def test_a_comment_of_somebody_else_is_not_lost(zone: Zone, alice: User, carmen: User) -> None:
    mx = record(zone, "@", "MX")
    mine = gather(alice, zone, Change(record=mx.pk, spec=spec("@", mx.rdata, "MX", ttl=60)))
    apply(
        carmen,
        zone,
        gather(carmen, zone, Change(record=mx.pk, spec=spec("@", mx.rdata, "MX", comment="old"))),
    )
    with pytest.raises(Stale):
        apply(alice, zone, mine)


def test_a_record_that_somebody_deleted_is_added_again_after_merging(
    zone: Zone, alice: User, carmen: User
) -> None:
    dmarc = record(zone, "_dmarc", "TXT")
    mine = gather(alice, zone, Change(record=dmarc.pk, spec=spec("_dmarc", "v=DMARC1; p=reject", "TXT")))
    apply(carmen, zone, gather(carmen, zone, Change(record=dmarc.pk)))
    with pytest.raises(Stale):
        apply(alice, zone, mine)
    apply(alice, zone, services.draft_rebase(actor=alice, zone=zone))
    assert served("_dmarc.example.test.", "TXT") == ['"v=DMARC1; p=reject"']


def test_a_base_of_the_future_hides_nothing(zone: Zone, alice: User, carmen: User) -> None:
    mx = record(zone, "@", "MX")
    draft = gather(alice, zone, Change(spec=spec("@", "30 c.example.net", "MX")), base=2**32 - 1)
    apply(carmen, zone, gather(carmen, zone, Change(record=mx.pk, spec=spec("@", "5 b.example.net", "MX"))))
    with pytest.raises(Stale):
        apply(alice, zone, draft)


def test_drafts_of_two_people_are_independent(zone: Zone, alice: User, carmen: User) -> None:
    mine = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    theirs = gather(carmen, zone, Change(spec=spec("ftp", "192.0.2.81")))
    services.draft_discard(actor=carmen, zone=zone)
    assert apply(alice, zone, mine)
    assert not Record.objects.filter(owner="ftp").exists()
    assert theirs.items != mine.items


def test_what_does_not_fit_with_the_rest_of_the_draft_is_refused_at_once(zone: Zone, alice: User) -> None:
    gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    with pytest.raises(Refused) as answer:
        gather(alice, zone, Change(spec=spec("www", "shop.example.net", "CNAME")))
    assert answer.value.field == "owner"
    assert len(Draft.objects.get().items) == 1


def test_taken_out_changes_may_leave_what_does_not_fit(zone: Zone, alice: User) -> None:
    gather(alice, zone, Change(record=record(zone, "mail", "A").pk))
    draft = gather(alice, zone, Change(spec=spec("mail", "shop.example.net", "CNAME")))
    services.draft_drop(actor=alice, zone=zone, items=[draft.items[0]["id"]])
    left = Draft.objects.get()
    drafted = selectors.draft_rows(left, selectors.rows_of(zone))
    assert drafted.refused is not None
    assert drafted.after == drafted.before
    with pytest.raises(Refused):
        apply(alice, zone, left)


def test_an_edit_of_an_added_record_is_the_same_wish(zone: Zone, alice: User) -> None:
    draft = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    item = draft.items[0]["id"]
    draft = services.draft_replace_item(actor=alice, zone=zone, item=item, spec=spec("www", "192.0.2.81"))
    assert [i["spec"][2] for i in draft.items] == ["192.0.2.81"]
    with pytest.raises(Refused):
        services.draft_replace_item(actor=alice, zone=zone, item=99, spec=spec("www", "192.0.2.82"))


def test_a_changed_ttl_leaves_the_record_the_panels(zone: Zone, alice: User) -> None:
    mx = record(zone, "@", "MX")
    draft = gather(alice, zone, Change(record=mx.pk, spec=spec("@", mx.rdata, "MX", ttl=60)))
    item = draft.items[0]["id"]
    draft = services.draft_replace_item(
        actor=alice, zone=zone, item=item, spec=spec("@", mx.rdata, "MX", ttl=90)
    )
    apply(alice, zone, draft)
    assert (record(zone, "@", "MX").managed, record(zone, "@", "MX").ttl) == ("mx", 90)


def test_an_import_takes_no_label_away(zone: Zone, alice: User) -> None:
    wanted = [row._replace(pk=None, managed="", since=0) for row in selectors.rows_of(zone)]
    draft = services.draft_towards(actor=alice, zone=zone, wanted=wanted, origin="import")
    assert draft.pk is None


def test_the_name_servers_of_the_domain_are_never_in_a_draft(zone: Zone, alice: User) -> None:
    draft = services.draft_towards(actor=alice, zone=zone, wanted=[])
    assert all(item["was"][:2] != ["@", "NS"] for item in draft.items)
    apply(alice, zone, draft)
    assert {row.type for row in selectors.rows_of(zone)} == {"NS"}


def test_an_outsider_has_no_draft_and_applies_none(zone: Zone, alice: User) -> None:
    outsider = UserFactory.create()
    draft = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    for work in (
        lambda: gather(outsider, zone, Change(spec=spec("x", "192.0.2.1"))),
        lambda: apply(outsider, zone, draft),
        lambda: services.draft_discard(actor=outsider, zone=zone),
        lambda: services.draft_drop(actor=outsider, zone=zone, items=[1]),
        lambda: services.draft_rebase(actor=outsider, zone=zone),
        lambda: services.draft_towards(actor=outsider, zone=zone, wanted=[]),
    ):
        with pytest.raises(Denied):
            work()
    assert Draft.objects.get() == draft


def test_a_plan_without_the_editor_stops_apply_too(zone: Zone, alice: User, domain: Domain) -> None:
    draft = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    Account.objects.filter(pk=domain.account.pk).update(dns_editing=False)
    domain.account.refresh_from_db()
    zone = Zone.objects.get(pk=zone.pk)
    with pytest.raises(Refused):
        apply(alice, zone, draft)
    services.draft_discard(actor=alice, zone=zone)


def test_a_zone_that_is_gone_is_said(zone: Zone, alice: User) -> None:
    stale = Zone.objects.get(pk=zone.pk)
    services.zone_delete(actor=None, zone=zone)
    with pytest.raises(Refused):
        gather(alice, stale, Change(spec=spec("www", "192.0.2.80")))


def _people(zone: Zone, count: int) -> list[User]:
    assert zone.domain is not None
    people = [UserFactory.create() for _n in range(count)]
    for user in people:
        MembershipFactory.create(account=zone.domain.account, user=user)
    return people


@pytest.mark.django_db(transaction=True)
def test_editors_who_apply_at_the_same_moment(zone: Zone) -> None:
    """Exactly one set wins; the others are told, and have their drafts."""
    mx = record(zone, "@", "MX")
    people = _people(zone, 4)
    drafts = [
        gather(user, zone, Change(record=mx.pk, spec=spec("@", f"5 mx{n}.example.net", "MX")))
        for n, user in enumerate(people)
    ]
    serial = Zone.objects.get(pk=zone.pk).serial

    def work(i: int) -> Any:
        services.draft_apply(
            actor=people[i], zone=Zone.objects.get(pk=zone.pk), rev=drafts[i].rev, serial=serial
        )

    said = race(4, work)
    assert said.count("") == 1
    winner = said.index("")
    assert served("example.test.", "MX") == [f"5 mx{winner}.example.net."]
    assert set(Draft.objects.values_list("user", flat=True)) == {
        user.pk for n, user in enumerate(people) if n != winner
    }


@pytest.mark.django_db(transaction=True)
def test_a_double_click_applies_once(zone: Zone, alice: User) -> None:
    draft = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    versions = ZoneVersion.objects.count()

    def work(_i: int) -> Any:
        services.draft_apply(
            actor=alice, zone=Zone.objects.get(pk=zone.pk), rev=draft.rev, serial=zone.serial
        )

    assert race(4, work).count("") == 1
    assert ZoneVersion.objects.count() == versions + 1


@pytest.mark.django_db(transaction=True)
def test_edits_of_one_person_at_the_same_moment_are_all_gathered(zone: Zone, alice: User) -> None:
    def work(i: int) -> Any:
        gather(alice, Zone.objects.get(pk=zone.pk), Change(spec=spec(f"h{i}", "192.0.2.80")))

    assert race(6, work) == [""] * 6
    assert {item["spec"][0] for item in Draft.objects.get().items} == {f"h{i}" for i in range(6)}
