"""Archives of mail: what is given is looked at before anything happens, what is made is its owner's alone."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Membership
from mailboxes.archives import store
from mailboxes.archives.before import adopt
from mailboxes.archives.nodes import PIECE
from mailboxes.archives.services import archives_expire
from mailboxes.models import Archive, ArchivePart, Job, Mailbox
from tests.factories import MailboxFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/domains/luna.test/mailboxes/ana/archives/"
TOKEN = "token-of-the-node"


@pytest.fixture
def box() -> Mailbox:
    mailbox: Mailbox = MailboxFactory.create(local="ana", mail_domain__domain__name="luna.test")
    node = mailbox.mail_domain.node
    node.ingest_token_hash = hashlib.sha256(TOKEN.encode()).hexdigest()
    node.save()
    return mailbox


@pytest.fixture
def owner(box: Mailbox, client: Client) -> Client:
    membership = MembershipFactory.create(account=box.mail_domain.domain.account, role=Membership.Role.OWNER)
    client.force_login(membership.user)
    return client


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def send(client: Client, data: bytes, **more: str) -> Any:
    return client.post(f"{URL}restore/", {"r-file": SimpleUploadedFile("old.zip", data), **more})


def bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}


def test_export_is_taken_in_pieces_and_given_to_its_owner_alone(owner: Client, box: Mailbox) -> None:
    assert owner.post(URL, {"folder": "Sent"}).status_code == 302
    archive = Archive.objects.get()
    place = f"/archives/v1/{archive.ident}/"
    node = Client()
    octets = "application/octet-stream"
    assert node.put(f"{place}?start=0&last=0", b"abc", octets).status_code == 404
    for start, last, piece in ((0, 0, b"abc"), (0, 0, b"abc"), (3, 1, b"def")):
        where = f"{place}?start={start}&last={last}"
        assert node.put(where, piece, octets, headers=bearer()).status_code == 204
    assert node.put(f"{place}?start=99&last=1", b"x", octets, headers=bearer()).status_code == 400
    answer = owner.get(f"{URL}{archive.ident}/")
    assert b"".join(answer.streaming_content) == b"abcdef"  # type: ignore[attr-defined]
    assert "attachment" in answer["Content-Disposition"]
    stranger = Client()
    stranger.force_login(UserFactory.create())
    assert stranger.get(f"{URL}{archive.ident}/").status_code == 404
    Archive.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert owner.get(f"{URL}{archive.ident}/").status_code == 404
    assert archives_expire() == 1
    assert not ArchivePart.objects.exists()


def test_restore_is_handed_to_the_node(owner: Client, box: Mailbox) -> None:
    data = zipped({"INBOX/1.eml": b"Subject: x\r\n\r\nbody"})
    assert send(owner, data).status_code == 302
    archive = Archive.objects.get()
    place = f"/archives/v1/{archive.ident}/?start="
    assert Client().get(f"{place}0", headers=bearer()).content == data
    assert Client().get(f"{place}{len(data) - 3}", headers=bearer()).content == data[-3:]
    assert Client().get(f"{place}{len(data)}", headers=bearer()).content == b""
    assert Client().get(f"{place}0").status_code == 404
    assert Job.objects.get().kind == "restore"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"just text",
        b"PK\x03\x04 damaged",
        zipped({"../../etc/passwd": b"x"}),
        zipped({"/etc/passwd": b"x"}),
        zipped({"bomb.eml": b"\0" * (60 * 1024 * 1024)}),
    ],
    ids=["empty", "text", "damaged", "up", "root", "bomb"],
)
def test_bad_archives_are_refused_at_the_field(owner: Client, box: Mailbox, data: bytes) -> None:
    answer = send(owner, data)
    assert answer.status_code == 200
    assert 'class="field wrong"' in answer.content.decode()
    assert not Job.objects.exists()


def test_more_than_a_gigabyte_is_refused_in_words(
    owner: Client, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("forms", "uploads"):
        monkeypatch.setattr(f"mailboxes.archives.{module}.MOST_BYTES", 100_000)
    answer = send(owner, b"x" * 3_000_000)
    assert "more than 1 GB" in answer.content.decode()


def test_restore_asks_for_the_csrf_token(owner: Client, box: Mailbox) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = owner.cookies
    assert send(strict, zipped({"1.eml": b"x"})).status_code == 403
    assert not Job.objects.exists()


def test_outsider_finds_nothing(client: Client, box: Mailbox) -> None:
    client.force_login(UserFactory.create())
    assert client.get(URL).status_code == 404
    assert client.post(URL, {}).status_code == 404
    assert send(client, zipped({"1.eml": b"x"})).status_code == 404


def test_what_says_that_it_is_too_large_is_never_kept(
    owner: Client, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailboxes.archives.views.MOST_BYTES", 100)
    monkeypatch.setattr("mailboxes.archives.views.ABOUT", 0)
    answer = send(owner, zipped({"INBOX/1.eml": b"Subject: x\r\n\r\nbody"}))
    assert "more than 1 GB" in answer.content.decode()
    assert not Job.objects.exists()


def exporting(owner: Client) -> Archive:
    assert owner.post(URL, {"folder": ""}).status_code == 302
    archive: Archive = Archive.objects.get()
    return archive


def hand_over(archive: Archive, start: int, data: bytes, *, last: bool) -> int:
    where = f"/archives/v1/{archive.ident}/?start={start}&last={int(last)}"
    return Client().put(where, data, "application/octet-stream", headers=bearer()).status_code


def test_large_archive_is_kept_in_small_parts_and_comes_back_whole(owner: Client, box: Mailbox) -> None:
    archive = exporting(owner)
    pieces = [random.Random(n).randbytes(size) for n, size in enumerate((PIECE, PIECE, 1234))]
    start = 0
    for number, piece in enumerate(pieces):
        assert hand_over(archive, start, piece, last=number == 2) == 204
        start += len(piece)
    assert max(len(part.data) for part in ArchivePart.objects.iterator()) == store.PART
    answer = owner.get(f"{URL}{archive.ident}/")
    assert answer["Content-Length"] == str(start)
    assert b"".join(answer.streaming_content) == b"".join(pieces)  # type: ignore[attr-defined]
    head = owner.head(f"{URL}{archive.ident}/")
    assert (head["Content-Length"], b"".join(head.streaming_content)) == (str(start), b"")  # type: ignore[attr-defined]


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_pieces_sent_again_from_anywhere_leave_what_was_sent_last(data: st.DataObject) -> None:
    archive = Archive.objects.create(filename="x", expires_at="2099-01-01T00:00:00Z")
    kept = b""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "PART", 4)
        for _round in range(data.draw(st.integers(1, 5))):
            start, sent = data.draw(st.integers(0, len(kept))), data.draw(st.binary(max_size=15))
            assert store.put(archive, start, io.BytesIO(sent).read) == start + len(sent)
            kept = kept[:start] + sent
            begin, most = data.draw(st.integers(0, len(kept))), data.draw(st.integers(1, 9))
            assert store.piece(archive, begin, most) == kept[begin : begin + most]
            assert b"".join(store.parts(archive)) == kept


def test_piece_that_was_cut_off_is_not_taken(owner: Client, box: Mailbox) -> None:
    archive = exporting(owner)
    where = f"/archives/v1/{archive.ident}/?start=0&last=1"
    body: Any = {"CONTENT_LENGTH": "10", "wsgi.input": io.BytesIO(b"abc")}
    assert Client().put(where, b"", headers=bearer(), **body).status_code == 400
    archive.refresh_from_db()
    assert (archive.size, archive.complete) == (0, False)


def test_complete_archive_stays_as_it_is(owner: Client, box: Mailbox) -> None:
    archive = exporting(owner)
    assert [hand_over(archive, 0, data, last=True) for data in (b"abc", b"other")] == [204, 204]
    assert b"".join(store.parts(archive)) == b"abc"


def test_what_a_refused_restore_brought_is_not_kept(
    owner: Client, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailboxes.jobs.services.MOST_GOING", 0)
    assert "Much is under way" in send(owner, zipped({"1.eml": b"x"})).content.decode()
    assert not Archive.objects.exists()


def test_archives_go_with_their_mailbox(owner: Client, box: Mailbox) -> None:
    assert hand_over(exporting(owner), 0, b"abc", last=True) == 204
    Job.objects.get().delete()
    assert not ArchivePart.objects.exists()


def test_files_of_an_older_instance_are_carried_over(owner: Client, box: Mailbox, tmp_path: Path) -> None:
    archive = exporting(owner)
    whole = random.Random(1).randbytes(2 * store.PART + 7)
    Archive.objects.update(size=len(whole), complete=True)
    (tmp_path / archive.ident).write_bytes(whole)
    (tmp_path / ("0" * 32)).write_bytes(b"nobody's any more")
    (tmp_path / "not ours.txt").write_bytes(b"stays")
    assert [adopt(tmp_path), adopt(tmp_path), adopt(tmp_path / "none")] == [1, 0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["not ours.txt"]
    answer = owner.get(f"{URL}{archive.ident}/")
    assert b"".join(answer.streaming_content) == whole  # type: ignore[attr-defined]
