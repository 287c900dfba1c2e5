"""Import and export as a browser without script uses them."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from dnszone import rules, services
from dnszone.models import Draft, Record, Zone
from dnszone.selectors import draft_rows, rows_of
from dnszone.services import Change, RecordSpec
from dnszone.zonefile import forms
from lib.uploads import MOST_BYTES

PAGE = "/domains/example.test/zone/import/"
EXPORT = "/domains/example.test/zone/export/"


def plain(response: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def paste(browser: Client, text: str, **fields: Any) -> Any:
    return browser.post(PAGE, {"text": text, "how": "add", **fields})


def upload(browser: Client, data: bytes, name: str = "old.zone", **fields: Any) -> Any:
    return browser.post(PAGE, {"file": SimpleUploadedFile(name, data), "text": "", "how": "add", **fields})


@pytest.fixture
def www(zone: Zone) -> Zone:
    spec = RecordSpec(owner="www", type="A", rdata="192.0.2.80", comment="the site")
    services.zone_apply(actor=None, zone=zone, changes=[Change(spec=spec)])
    zone.refresh_from_db()
    return zone


def after(zone: Zone) -> set[tuple[str, str, str, int]]:
    drafted = draft_rows(Draft.objects.get(zone=zone), rows_of(zone))
    assert drafted.refused is None
    return {row.served for row in drafted.after}


def test_a_pasted_file_becomes_a_draft_and_changes_nothing(browser: Client, www: Zone) -> None:
    before = {row.served for row in rows_of(www)}
    response = paste(browser, "ftp 300 IN A 192.0.2.7\n")
    assert (response.status_code, response["Location"]) == (302, "/domains/example.test/zone/preview/")
    assert {row.served for row in rows_of(www)} == before
    assert after(www) == before | {("ftp", "A", "192.0.2.7", 300)}
    draft = Draft.objects.get()
    assert (draft.origin, draft.title) == ("import", "pasted text")


def test_the_draft_of_a_file_can_be_applied(browser: Client, www: Zone, alice: User) -> None:
    upload(browser, b"ftp A 192.0.2.7\n")
    draft = Draft.objects.get()
    version = services.draft_apply(actor=alice, zone=www, rev=draft.rev, serial=www.serial)
    assert version is not None
    assert (version.origin, version.title) == ("import", "old.zone")
    assert Record.objects.filter(zone=www, owner="ftp").count() == 1


def test_mistakes_are_shown_at_their_lines_and_nothing_is_kept(browser: Client, zone: Zone) -> None:
    text = "www A 192.0.2.1\nbad A 1.2.3\n$INCLUDE x\nfar.other.test. A 192.0.2.1\n<b> A x\n"
    response = paste(browser, text)
    assert response.status_code == 422
    said = plain(response)
    assert "there are 4 mistakes" in said
    for words in (" 2 bad A 1.2.3 ", " 3 $INCLUDE x ", " 4 far.other.test. A 192.0.2.1 ", " 5 <b> A x "):
        assert words in said
    assert "<b> A x" not in response.content.decode()
    assert "www A 192.0.2.1" in html.unescape(response.content.decode().split("<textarea")[1])
    assert not Draft.objects.exists()


def test_a_file_with_mistakes_is_shown_to_be_put_right_in_place(browser: Client, zone: Zone) -> None:
    response = upload(browser, b"bad A 1.2.3\n")
    assert response.status_code == 422
    assert "bad A 1.2.3" in response.content.decode().split("<textarea")[1]


@pytest.mark.parametrize("how", ["add", "replace"])
def test_what_was_exported_is_no_difference(browser: Client, www: Zone, how: str) -> None:
    exported = browser.get(EXPORT, {"download": "1"})
    response = upload(browser, exported.content, how=how, managed_too="on")
    assert response["Location"] == PAGE
    assert not Draft.objects.exists()
    assert "Nothing is different" in plain(browser.get(PAGE))


def test_replacing_keeps_what_the_panel_keeps_unless_ticked(browser: Client, www: Zone) -> None:
    before = rows_of(www)
    kept = {row.served for row in before if row.managed}
    paste(browser, "new A 192.0.2.7", how="replace")
    assert after(www) == kept | {("new", "A", "192.0.2.7", 3600)}
    paste(browser, "new A 192.0.2.7", how="replace", managed_too="on", replace_draft="on")
    apex = {row.served for row in before if row.rrset == ("@", "NS")}
    assert after(www) == apex | {("new", "A", "192.0.2.7", 3600)}


def test_a_draft_is_given_up_only_when_ticked(browser: Client, www: Zone, alice: User) -> None:
    spec = RecordSpec(owner="mine", type="A", rdata="192.0.2.3")
    services.draft_change(actor=alice, zone=www, changes=[Change(spec=spec)])
    assert "Give up my change" in plain(browser.get(PAGE))
    refused = paste(browser, "ftp A 192.0.2.7")
    assert refused.status_code == 422
    assert "changes that are not applied" in plain(refused)
    assert ("mine", "A", "192.0.2.3", 3600) in after(www)
    assert paste(browser, "ftp A 192.0.2.7", replace_draft="on").status_code == 302
    assert ("mine", "A", "192.0.2.3", 3600) not in after(www)


def test_what_was_left_out_is_said_on_the_next_page(browser: Client, zone: Zone) -> None:
    response = browser.post(
        PAGE,
        {"text": "@ SOA a. b. 1 2 3 4 5\n@ NS ns1.old.test.\nftp A 192.0.2.7", "how": "add"},
        follow=True,
    )
    assert "The SOA record was left out" in plain(response)
    assert "The name servers of the domain itself" in plain(response)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Choose a file, or paste"),
        ({"text": "ftp A 192.0.2.7", "how": "explode"}, "Choose one"),
        ({"text": "; nothing\n"}, "no record in it"),
        ({"text": "@ SOA a. b. 1 2 3 4 5"}, "no record in it"),
        ({"text": "a\x00b A 192.0.2.1"}, "control characters"),
        ({"text": "a A 192.0.2.1\n" * (rules.ZONE_RECORDS + 1)}, "20001 records"),
        ({"text": "a CNAME b\nb CNAME a"}, "leads back to itself"),
    ],
)
def test_what_cannot_be_read_is_said(browser: Client, zone: Zone, fields: dict[str, str], words: str) -> None:
    response = browser.post(PAGE, {"how": "add", **fields})
    assert response.status_code == 422
    assert words in plain(response)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("data", [b"PK\x03\x04\x00\x00\x00", b"\x00" * 100, b"", b"\xff\xfe\x00"])
def test_what_is_no_zone_file_is_said(browser: Client, zone: Zone, data: bytes) -> None:
    assert upload(browser, data).status_code == 422


@pytest.mark.parametrize("name", ["../../x.zone", "a\x00b", "x" * 500, "<b>.zone", "ü\u2028.zone"])
def test_the_name_of_a_file_is_only_a_title(browser: Client, zone: Zone, name: str) -> None:
    assert upload(browser, b"ftp A 192.0.2.7", name=name).status_code == 302
    assert len(Draft.objects.get().title) <= 200


def test_latin_1_is_read_and_said(browser: Client, zone: Zone) -> None:
    assert upload(browser, "ftp A 192.0.2.7 ; für".encode("latin-1")).status_code == 302
    assert "Latin-1" in plain(browser.get(PAGE))


class TestSizes:
    LARGE = "a A 192.0.2.1 ; " + "x" * 80 + "\n"

    def test_five_megabytes_are_read(self, browser: Client, zone: Zone) -> None:
        text = ("; " + "x" * 97 + "\n") * 52_000 + "ftp A 192.0.2.7\n"
        assert forms.TEXT_BYTES - len(text) < 50_000
        assert paste(browser, text).status_code == 302

    def test_more_gives_the_form_with_words(self, browser: Client, zone: Zone) -> None:
        text = "x" * (forms.TEXT_BYTES + 1)
        for response in (paste(browser, text), upload(browser, text.encode())):
            assert response.status_code == 422
            assert "larger than 5 MB" in plain(response)
            assert len(response.content) < 7 * 1024 * 1024

    def test_far_more_gives_a_page_with_words(self, browser: Client, zone: Zone) -> None:
        response = paste(browser, "x" * 9 * 1024 * 1024)
        assert response.status_code == 413
        assert "5 MB" in plain(response)

    def test_a_file_of_any_size_is_cut_and_refused_in_words(self, browser: Client, zone: Zone) -> None:
        response = upload(browser, b"x" * (MOST_BYTES + 5_000_000))
        assert response.status_code == 422
        assert "larger than 5 MB" in plain(response)


def test_the_export_page_shows_the_file_and_hands_it_out(browser: Client, www: Zone) -> None:
    page = browser.get(EXPORT)
    assert "www" in plain(page)
    assert "; the site" in plain(page)
    file = browser.get(EXPORT, {"download": "1"})
    assert file["Content-Type"].startswith("text/plain")
    assert file["Content-Disposition"] == 'attachment; filename="example.test.db"'
    assert f"IN SOA   ns1.postroom.test. hostmaster.postroom.test. {www.serial} " in file.content.decode()
    assert file.content.decode() in html.unescape(page.content.decode())


def test_a_draft_is_not_exported(browser: Client, www: Zone) -> None:
    paste(browser, "ftp A 192.0.2.7")
    assert "192.0.2.7" not in browser.get(EXPORT, {"download": "1"}).content.decode()


@pytest.mark.parametrize("path", [PAGE, EXPORT, "/domains/example.test/zone/transfer/"])
def test_a_stranger_finds_nothing(stranger: Client, zone: Zone, path: str) -> None:
    for verb in ("get", "post", "put", "delete"):
        assert getattr(stranger, verb)(path).status_code == 404
    assert not Draft.objects.exists()


def test_nothing_is_imported_where_the_editor_is_switched_off(
    browser: Client, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.limits.has", lambda account, feature: False)
    monkeypatch.setattr("dnszone.views.base.has", lambda account, feature: False)
    assert "<textarea" not in browser.get(PAGE).content.decode()
    response = paste(browser, "ftp A 192.0.2.7")
    assert response.status_code == 422
    assert not Draft.objects.exists()
    assert browser.get(EXPORT).status_code == 200
