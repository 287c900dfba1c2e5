"""What a person took over goes back to the panel, by way of the draft."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from dnszone import keepers, managed, services
from dnszone.models import Draft, Record, Zone
from dnszone.selectors import rows_of
from dnszone.services.handback import managed_hand_back
from dnszone.spec import Change, RecordSpec
from lib.errors import Refused
from nodeagent import contract
from provision.models import Node
from provision.services import Wanted, push_enqueue
from tests.dnszone.conftest import record


@pytest.fixture
def mail(zone: Zone, node: Node) -> Zone:
    """The zone's domain has its mail on ``node``."""
    state = contract.MailDomain(name=zone.name)
    push_enqueue(
        actor=None,
        wanted=[Wanted(node=node, kind=state.KIND, key=state.key, state=state, domain=zone.domain)],
    )
    return zone


def write(actor: User, zone: Zone, owner: str, kind: str, rdata: str, pk: int | None = None) -> None:
    spec = RecordSpec(owner=owner, type=kind, rdata=rdata)
    services.zone_apply(actor=actor, zone=zone, changes=[Change(record=pk, spec=spec)])


def apply(actor: User, zone: Zone) -> None:
    draft = Draft.objects.get(zone=zone, user=actor)
    zone.refresh_from_db()
    services.draft_apply(actor=actor, zone=zone, rev=draft.rev, serial=zone.serial)


def test_a_new_zone_has_nothing_to_hand_back(mail: Zone, alice: User) -> None:
    assert keepers.taken_over(mail, rows_of(mail)) == []
    with pytest.raises(Refused, match="Nothing is different"):
        managed_hand_back(actor=alice, zone=mail, label=managed.MX)


def test_a_changed_mx_goes_back(mail: Zone, alice: User) -> None:
    before = record(mail, "@", "MX")
    write(alice, mail, "@", "MX", "10 elsewhere.test.", before.pk)
    write(alice, mail, "@", "MX", "20 second.test.")
    assert keepers.taken_over(mail, rows_of(mail)) == [managed.MX]
    draft = managed_hand_back(actor=alice, zone=mail, label=managed.MX)
    assert len(draft.items) == 2
    assert Record.objects.filter(zone=mail, type="MX", managed="").count() == 2  # nothing is applied yet
    apply(alice, mail)
    assert record(mail, "@", "MX").rdata == before.rdata
    assert record(mail, "@", "MX").managed == managed.MX
    assert keepers.taken_over(mail, rows_of(mail)) == []


def test_the_same_value_gets_its_label_back(mail: Zone, alice: User) -> None:
    spf = record(mail, "@", "TXT")
    Record.objects.filter(pk=spf.pk).update(managed="")
    assert keepers.taken_over(mail, rows_of(mail)) == [managed.SPF]
    managed_hand_back(actor=alice, zone=mail, label=managed.SPF)
    apply(alice, mail)
    assert Record.objects.get(pk=spf.pk).managed == managed.SPF


def test_other_text_at_the_same_name_stays(mail: Zone, alice: User) -> None:
    spf = record(mail, "@", "TXT")
    write(alice, mail, "@", "TXT", "v=spf1 -all", spf.pk)
    write(alice, mail, "@", "TXT", "proof=1")
    managed_hand_back(actor=alice, zone=mail, label=managed.SPF)
    apply(alice, mail)
    found = set(Record.objects.filter(zone=mail, owner="@", type="TXT").values_list("rdata", "managed"))
    assert found == {(spf.rdata, managed.SPF), ('"proof=1"', "")}


def test_an_alias_makes_room_for_the_addresses(mail: Zone, alice: User) -> None:
    gone = [Change(record=row.pk) for row in rows_of(mail) if row.owner == "@" and row.type in ("A", "AAAA")]
    alias = Change(spec=RecordSpec(owner="@", type="ALIAS", rdata="host.elsewhere.test."))
    services.zone_apply(actor=alice, zone=mail, changes=[*gone, alias])
    assert keepers.taken_over(mail, rows_of(mail)) == [managed.ADDRESS]
    managed_hand_back(actor=alice, zone=mail, label=managed.ADDRESS)
    apply(alice, mail)
    assert record(mail, "@", "A").managed == managed.ADDRESS


def test_one_of_several_goes_back_and_what_was_added_beside_the_others_stays(
    mail: Zone, alice: User, browser: Client
) -> None:
    address = record(mail, "mail", "A")
    write(alice, mail, "mail", "A", "192.0.2.77", address.pk)
    write(alice, mail, "@", "A", "192.0.2.78")
    page = f"/domains/{mail.name}/zone/"
    assert "Let the panel keep it" in browser.get(f"{page}{address.pk}/").content.decode()
    extra = Record.objects.get(zone=mail, owner="@", type="A", managed="")
    assert "Let the panel keep it" not in browser.get(f"{page}{extra.pk}/").content.decode()
    managed_hand_back(actor=alice, zone=mail, label=managed.ADDRESS)
    apply(alice, mail)
    assert record(mail, "mail", "A").rdata == address.rdata
    assert Record.objects.filter(pk=extra.pk).exists()


def test_the_list_leads_to_handing_back(mail: Zone, alice: User, browser: Client) -> None:
    page = f"/domains/{mail.name}/zone/"
    assert "Hand it back" not in browser.get(page).content.decode()
    write(alice, mail, "@", "TXT", "v=spf1 a -all", record(mail, "@", "TXT").pk)
    write(alice, mail, "@", "TXT", "proof=1")
    write(alice, mail, "mail", "A", "192.0.2.77", record(mail, "mail", "A").pk)
    text = browser.get(page).content.decode()
    assert text.count("Hand it back") == 2
    managed_hand_back(actor=alice, zone=mail, label=managed.SPF)
    apply(alice, mail)
    assert browser.get(page).content.decode().count("Hand it back") == 1
    write(alice, mail, "@", "MX", "10 elsewhere.test.", record(mail, "@", "MX").pk)
    assert "Hand it back" not in browser.get(page).content.decode()  # mail goes elsewhere on purpose


@pytest.mark.parametrize("label", ["", "ns", "provider", "nothing", "dkim"])
def test_what_the_panel_does_not_keep_there(mail: Zone, alice: User, label: str) -> None:
    with pytest.raises(Refused, match="keeps no records"):
        managed_hand_back(actor=alice, zone=mail, label=label)


def test_by_the_page(mail: Zone, alice: User, browser: Client, stranger: Client) -> None:
    before = record(mail, "@", "MX")
    write(alice, mail, "@", "MX", "10 elsewhere.test.", before.pk)
    address = f"/domains/{mail.name}/zone/hand-back/"
    assert stranger.post(address, {"label": "mx"}).status_code == 404
    assert browser.get(address).status_code == 405
    answer = browser.post(address, {"label": "mx"})
    assert answer.status_code == 302
    assert answer["Location"] == f"/domains/{mail.name}/zone/"
    assert Draft.objects.get(zone=mail).items[0]["spec"][4] == "mx"
    assert browser.post(address, {"label": "\x00" * 5000}).status_code == 302
