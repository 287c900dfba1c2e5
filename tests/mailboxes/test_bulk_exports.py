"""Files as other systems write them, and what an import heeds beside addresses and passwords."""

from __future__ import annotations

import codecs
from typing import Any

import pytest

from accounts.models import Membership
from mailboxes.bulk import columns, reading, saving, services
from mailboxes.models import Alias, Mailbox
from tests import factories
from tests.mailboxes.conftest import World, signed_in
from tests.mailboxes.test_bulk import SECRET, SHA512, brought, saved

GOOGLE = (
    "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],"
    "Password Hash Function [UPLOAD ONLY],Org Unit Path [Required],New Primary Email [UPLOAD ONLY],"
    "Status [READ ONLY],Last Sign In [READ ONLY],Recovery Email,Email Usage [READ ONLY]\r\n"
    'Ana,"García, M",ana@example.test,****,,/,,Active,2026/01/02 10:00:00,,1.2GB\r\n'
    f'Eva,"two\nlines",eva@example.test,{SHA512},,/,,Suspended,Never logged in,,0GB\r\n'
)
PLESK = f"""\
+---------------------------+-------+--------------------+
|          address          | flags |      password      |
+---------------------------+-------+--------------------+
| ana@example.test          |       | {SECRET}-91 |
| eva@example.test          |       | {SHA512} |
+---------------------------+-------+--------------------+
"""
CPANEL = f"""\
email,domain,diskquota,suspended_login,password
ana,example.test,250,0,{SECRET}-91
eva@example.test,example.test,104857600,1,{SHA512}
"""
SHADOW = f"ana:{SHA512}:19000:0:99999:7:::\neva:!!{SHA512}:19000:0:99999:7:::\n"


def boxes() -> dict[str, Mailbox]:
    return {box.local: box for box in Mailbox.objects.all()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_googles_list_of_users(world: World, encoding: str) -> None:
    data = GOOGLE.encode(encoding)
    shape = reading.shape_of(lambda: [data])
    assert codecs.lookup(shape.encoding).name.startswith("utf")
    bulk = brought(world, GOOGLE)
    (bad,) = bulk.lines.filter(state="bad")
    assert (bad.line, bad.field) == (2, "password")
    assert "asterisks" in bad.reason
    assert "First Name [Required]" in bulk.left_out
    saved(world, bulk, "good")
    assert boxes()["eva"].no_sign_in
    assert boxes()["eva"].suspended_reason


def test_plesks_drawn_table(world: World) -> None:
    saved(world, brought(world, PLESK))
    assert boxes()["eva"].password_hash.endswith(SHA512)
    assert boxes()["ana"].password_hash.startswith("{ARGON2ID}")


def test_cpanels_list_of_accounts(world: World) -> None:
    saved(world, brought(world, CPANEL))
    found = boxes()
    assert (found["eva"].quota_mb, found["eva"].no_sign_in, found["eva"].no_receive) == (100, True, False)
    assert not found["ana"].no_sign_in


def test_cpanels_shadow_file(world: World) -> None:
    saved(world, brought(world, SHADOW))
    found = boxes()
    assert {box.password_hash for box in found.values()} == {"{SHA512-CRYPT}" + SHA512}
    assert (found["ana"].no_sign_in, found["eva"].no_sign_in) == (False, True)
    assert found["ana"].quota_mb == 100


def test_heads_may_have_accents() -> None:
    found = columns.guess(["Dirección", "Contraseña", "Cuota"], [["ana", "x", "1"]])
    assert found.columns == ("address", "password", "quota")


def test_a_word_that_is_neither_yes_nor_no_is_a_bad_row(world: World) -> None:
    bulk = brought(world, f"address,hash,suspended\nana,{SHA512},perhaps\n")
    assert bulk.lines.get().field == "suspended"


def test_who_may_not_suspend_brings_no_suspended_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailboxes.bulk.checking.may", lambda *_who, **_where: False)
    bulk = brought(world, f"address,hash,suspended\nana,{SHA512},yes\neva,{SHA512},no\n")
    assert list(bulk.lines.filter(state="bad").values_list("address", "field")) == [
        ("ana@example.test", "suspended")
    ]


def forwarder(world: World, local: str) -> Alias:
    found: Alias = Alias.objects.create(
        mail_domain=world.mail,
        address=f"{local}@example.test",
        local=local,
        targets=["x@outside.test"],
        home=f"example.test/{local}.1",
    )
    return found


def test_forwarders_are_not_made_mailboxes(world: World) -> None:
    forwarder(world, "ana")
    bulk = brought(world, f"address,hash\nana,{SHA512}\neva,{SHA512}\n")
    (bad,) = bulk.lines.filter(state="bad")
    assert (bad.address, bad.field) == ("ana@example.test", "address")
    assert "forwarder" in bad.reason


@pytest.mark.parametrize(("mode", "made"), [("good", {"eva"}), ("all", set())])
def test_a_forwarder_that_came_after_the_check(world: World, mode: str, made: set[str]) -> None:
    bulk = brought(world, f"address,hash\nana,{SHA512}\neva,{SHA512}\n")
    services.bulk_confirm(actor=world.owner, bulk=bulk, mode=mode)
    forwarder(world, "ana")
    saving.bulk_save_due()
    bulk.refresh_from_db()
    assert set(boxes()) == made
    assert ("ana@example.test" in bulk.trouble) is (mode == "all")


def test_with_bad_rows_both_ways_are_offered(world: World, owner_client: Any) -> None:
    bulk = brought(world, f"address,hash\nana,{SHA512}\nb ad,{SHA512}\n")
    url = f"/domains/example.test/mailboxes/import/{bulk.pk}/"
    page = owner_client.get(url).text
    assert 'value="good"' in page
    assert 'value="all"' in page
    said = owner_client.post(f"{url}confirm/", {"mode": "all"}, follow=True).text
    assert "Nothing was made, because some rows are bad" in said
    bulk.refresh_from_db()
    assert bulk.state == "checked"
    saved(world, bulk, "good")
    assert set(boxes()) == {"ana"}


def test_a_reader_brings_no_file(world: World) -> None:
    reader = factories.UserFactory.create()
    role = Membership.Role.READER
    factories.MembershipFactory.create(account=world.domain.account, user=reader, role=role)
    assert signed_in(reader).get("/domains/example.test/mailboxes/import/").status_code == 403
