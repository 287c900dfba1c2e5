"""Many mailboxes from one file: read, mapped, checked, saved."""

from __future__ import annotations

import contextlib
import csv
import io
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lib import foreign
from lib.errors import Refused
from mailboxes.bulk import columns, reading, saving, sealing, services, work
from mailboxes.models import BulkImport, BulkPart, BulkRow, Mailbox
from provision.models import Push
from tests.mailboxes.conftest import World, signed_in

SHA512 = (
    "$6$J039mD43ogzo5YoN$"
    "FjuwJQDS6zEc2oma0ZdHSBcOCPbjI.nTNTw2e2PNrM/A0FvKpDrWIP0/2pH0qBAPgz7G2yf8m9iYcv4pKbTws0"
)
BCRYPT = "{BLF-CRYPT}$2y$05$FMS9nvdPEIKtYuX6uVNysusatWGN.Ivoenvhl0UMSwWv1rIc/ufCK"
SSHA512 = (
    "{SSHA512}uI4PdpDZ2l/tRA/Z+lgIpwRhd/7D7fj8UW9yzfnTA7IVOD9i8gg4hLrbINOG/FNoDPbmQkz/5ZTBpkWHCzAo/rbY17Y="
)
ARGON = (
    "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1"
    "$lMpPunD6X5gKLSlqBW3xtw$4D+62+1qcVDeAaYK0JLGj4O8m+j2oempYwQ/ACIfCKo"
)
PBKDF2 = "{PBKDF2}$1$qLWhH2K3mBwYI.A6$5000$a6061e67cb68962a0c4bae6bd90a85946e0cc714"
SECRET = "harbor-violet"


def rows(data: bytes) -> list[list[str]]:
    shape = reading.shape_of(lambda: [data])
    return [row.cells for row in reading.rows_of(lambda: [data], shape)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator_is_read_alike(encoding: str, separator: str) -> None:
    table = [["address", "password", "name"], ["ana", 'a"b, c;d', "Señora\nGarcía"], ["luis", "x", ""]]
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(table)
    assert rows(text.getvalue().encode(encoding)) == table


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        for cells in rows(data):
            columns.guess(cells, [])


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=4), min_size=1, max_size=5))
def test_any_columns_are_guessed_once_each(table: list[list[str]]) -> None:
    used = [field for field in columns.guess(table[0], table[1:]).columns if field]
    assert len(used) == len(set(used))


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04zip", b"\x1f\x8bgz", b"", b" \r\n", b'a,"b\n' + b"c\n" * 80_000]
)
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        rows(data)


def test_lines_are_counted_as_in_the_file() -> None:
    data = b'address,note\nana,"one\ntwo"\n\nluis,x\n'
    found = list(reading.rows_of(lambda: [data], reading.shape_of(lambda: [data])))
    assert [(row.line, row.cells[0]) for row in found] == [(1, "address"), (2, "ana"), (5, "luis")]


@pytest.mark.parametrize(
    ("heads", "wanted"),
    [
        (["email", "password", "quota"], ("address", "password", "quota")),
        (["Email Address [Required]", "Password [Required]", "Password Hash Function [UPLOAD ONLY]"],
         ("address", "password", "")),
        (["First Name [Required]", "Email Address [Required]", "Password [Required]", "Recovery Email"],
         ("", "address", "password", "welcome")),
        (["Mail name", "Domain", "Password hash", "Mailbox quota"],
         ("address", "domain", "password_hash", "quota")),
    ],
)  # fmt: skip
def test_heads_of_other_systems_are_known(heads: list[str], wanted: tuple[str, ...]) -> None:
    found = columns.guess(heads, [["x"] * len(heads)])
    assert found.heads
    assert found.columns == wanted


def test_a_column_of_hashes_is_not_taken_for_passwords() -> None:
    found = columns.guess(["address", "password"], [["ana", SHA512], ["luis", BCRYPT]])
    assert found.columns == ("address", "password_hash")


@pytest.mark.parametrize("text", [SHA512, BCRYPT, SSHA512, ARGON, PBKDF2, "{CRYPT}" + SHA512])
def test_hashes_of_other_systems_are_verified(text: str) -> None:
    stored = foreign.normalised(text)
    assert foreign.matches(stored, SECRET)
    assert not foreign.matches(stored, SECRET + "x")


@pytest.mark.parametrize(
    "text",
    [
        "{PLAIN}secret",
        "$1$abcdefgh$ijkl",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "{MD5-CRYPT}$1$a$b",
        "",
        "!" + SHA512,
        "$6$rounds=999999999$salt$" + "a" * 86,
        SHA512[:-3],
        "{ARGON2ID}" + SHA512,
        "{NONE}x",
    ],
)
def test_weak_cut_and_costly_hashes_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        foreign.normalised(text)


@given(st.binary(max_size=3000), st.integers(1, 700))
def test_what_is_sealed_opens_with_its_key_alone(data: bytes, size: int) -> None:
    key = sealing.new_key()
    sealed = list(sealing.seal(key, [data[at : at + size] for at in range(0, len(data), size)]))
    assert b"".join(sealing.unseal(key, sealed)) == data
    if sealed:
        with pytest.raises(ValueError, match="not the key"):
            list(sealing.unseal(sealing.new_key(), sealed))


def brought(world: World, text: str, *, actor: Any = None) -> BulkImport:
    """Read as the reading process does it."""
    actor = actor or world.owner
    found = services.bulk_bring(
        actor=actor, mail_domain=world.mail, title="boxes.csv", pieces=[text.encode()]
    )
    look = services.bulk_look(bulk=found.bulk, key=found.key)
    services.bulk_begin(actor=actor, bulk=found.bulk, key=found.key, columns=look.guessed, quota_mb=100)
    work.bulk_work(found.bulk.pk, found.key)
    bulk: BulkImport = BulkImport.objects.get(pk=found.bulk.pk)
    bulk.mail_domain = world.mail
    return bulk


def saved(world: World, bulk: BulkImport, mode: str = "all") -> BulkImport:
    services.bulk_confirm(actor=world.owner, bulk=bulk, mode=mode)
    saving.bulk_save_due()
    bulk.refresh_from_db()
    return bulk


def test_good_rows_become_mailboxes_like_any_other(world: World, pushed: Any) -> None:
    bulk = brought(
        world, f"address,hash,password,quota\nana,{BCRYPT},,2 GB\nluis@example.test,,{SECRET}-91,\n"
    )
    assert (bulk.state, bulk.good, bulk.bad, bulk.hashed) == ("checked", 2, 0, 1)
    saved(world, bulk)
    ana, luis = Mailbox.objects.order_by("address")
    assert (ana.password_hash, ana.quota_mb, luis.quota_mb) == (BCRYPT, 2048, 100)
    assert luis.password_hash.startswith("{ARGON2ID}")
    assert pushed("mailbox/ana@example.test")["password_hash"] == BCRYPT
    assert not BulkRow.objects.exclude(password_hash="").exists()
    assert not BulkPart.objects.exists()


def test_a_second_run_of_the_same_file_adds_nothing(world: World) -> None:
    text = f"address,hash\nana,{SHA512}\nluis,{SSHA512}\n"
    saved(world, brought(world, text))
    again = brought(world, text)
    assert (again.good, again.there, again.bad) == (0, 2, 0)
    with pytest.raises(Refused):
        services.bulk_confirm(actor=world.owner, bulk=again, mode="all")
    assert Mailbox.objects.count() == 2


def test_bad_rows_have_their_line_field_and_reason(world: World) -> None:
    lines = [
        "address,hash,password,quota",
        f"ana,{SHA512},,",
        "b ad,,x,",
        "luis,{PLAIN}x,,",
        f"eva,{SHA512},,much",
        "ines,,short,",
        f"ana,{SHA512},,",
        "leo,,,",
        f"zoe@elsewhere.test,{SHA512},,",
        f"hugo,{SHA512},,90000 GB",
    ]
    bulk = brought(world, "\n".join(lines))
    found = list(bulk.lines.filter(state="bad").order_by("line").values_list("line", "field"))
    assert found == [
        (3, "address"), (4, "password_hash"), (5, "quota"), (6, "password"), (7, "address"), (8, "password"),
        (9, "address"), (10, "quota"),
    ]  # fmt: skip
    assert not bulk.lines.filter(state="bad", reason="").exists()
    with pytest.raises(Refused):
        services.bulk_confirm(actor=world.owner, bulk=bulk, mode="all")
    assert saved(world, bulk, "good").saved == 1


def test_nothing_is_made_when_it_does_not_fit(world: World) -> None:
    text = "address,hash\n" + "".join(f"box{n},{SHA512}\n" for n in range(11))  # the account may have 10
    bulk = saved(world, brought(world, text))
    assert (bulk.state, Mailbox.objects.count(), Push.objects.filter(kind="mailbox").count()) == (
        "checked",
        0,
        0,
    )
    assert "10" in bulk.trouble


def test_a_reader_that_died_is_noticed(world: World) -> None:
    bulk = brought(world, f"address,password\nana,{SECRET}-91\n")
    BulkImport.objects.update(hashed=0, beat_at="2020-01-01T00:00:00Z")
    services.bulk_confirm(actor=world.owner, bulk=bulk, mode="all")
    saving.bulk_save_due()
    assert not Mailbox.objects.exists()
    saving.bulk_tidy()
    bulk.refresh_from_db()
    assert bulk.state == "stopped"
    assert bulk.trouble


def test_saving_twice_makes_them_once(world: World) -> None:
    bulk = saved(world, brought(world, f"address,hash\nana,{SHA512}\n"))
    assert saving.bulk_save(bulk.pk) == 0
    assert Mailbox.objects.count() == 1


def test_the_pages_lead_from_the_file_to_the_mailboxes(
    world: World,
    owner_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr("mailboxes.bulk.launching.launch", work.bulk_work)
    start = "/domains/example.test/mailboxes/import/"
    page = owner_client.post(start, {"text": f"address;password\nana;{SECRET}-91\nluis;=cmd()\n"})
    assert page.status_code == 200
    assert SECRET not in page.text
    bulk = BulkImport.objects.get()
    data = page.context["form"].initial | {"heads": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = owner_client.post(f"{start}{bulk.pk}/columns/", data)
    assert answer.status_code == 302
    page = owner_client.get(answer["Location"])
    assert "1 bad row" in page.text
    listed = b"".join(owner_client.get(f"{start}{bulk.pk}/bad/")).decode("utf-8-sig")
    assert listed.splitlines()[1].startswith("3,luis@example.test,Password,")
    owner_client.post(f"{start}{bulk.pk}/confirm/", {"mode": "good"})
    saving.bulk_save_due()
    assert "1 mailbox made" in owner_client.get(answer["Location"]).text


def test_a_stranger_finds_no_import(world: World) -> None:
    bulk = brought(world, f"address,hash\nana,{SHA512}\n")
    client = signed_in(world.stranger)
    base = f"/domains/example.test/mailboxes/import/{bulk.pk}/"
    for path in ("", "bad/"):
        assert client.get(base + path).status_code == 404
    for path in ("columns/", "confirm/", "discard/"):
        assert client.post(base + path).status_code == 404
