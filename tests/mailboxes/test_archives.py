"""Archives of mail: what is given is looked at before anything happens, what is made is its owner's alone."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Membership
from mailboxes.archives.services import archives_expire, path_of
from mailboxes.models import Archive, Job, Mailbox
from tests.factories import MailboxFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/domains/luna.test/mailboxes/ana/archives/"
TOKEN = "token-of-the-node"


@pytest.fixture
def box(settings: Any, tmp_path: Path) -> Mailbox:
    settings.ARCHIVES = tmp_path / "archives"
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
    assert not path_of(archive).exists()


def test_restore_is_handed_to_the_node(owner: Client, box: Mailbox) -> None:
    data = zipped({"INBOX/1.eml": b"Subject: x\r\n\r\nbody"})
    assert send(owner, data).status_code == 302
    archive = Archive.objects.get()
    place = f"/archives/v1/{archive.ident}/?start="
    assert Client().get(f"{place}0", headers=bearer()).content == data
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
