"""The sheet of paper: one page, every value, any name, no password."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pypdf
import pytest
from django.urls import reverse
from PIL import Image

from guides.clientconfig import client_config
from guides.handing.sheet import Face, sheet
from tests.factories import MailboxFactory, MailDomainFactory
from tests.panel.people import person

PORTS = {"imaps": 993, "imap": 143, "pop3s": 995, "submissions": 465, "submission": 587}
FACE = Face(name="Студия Ελλάς", support="help@brand.test", url="https://panel.brand.test", logo=None)


def read(pdf: bytes) -> tuple[str, pypdf.PdfReader]:
    assert pdf.startswith(b"%PDF-1.")
    found = pypdf.PdfReader(BytesIO(pdf))
    return found.pages[0].extract_text(), found


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_one_page_with_every_value(paper: str, size: tuple[int, int]) -> None:
    config = client_config("ана@xn--e1aybc.test", host="mail1.postroom.test", ports=PORTS)
    text, found = read(sheet(config, FACE, paper=paper))
    assert len(found.pages) == 1
    box = found.pages[0].mediabox
    assert (round(box.width), round(box.height)) == size
    for value in (
        "mail1.postroom.test",
        "993",
        "995",
        "465",
        "SSL/TLS",
        "ана@тест.test",
        "Студия Ελλάς",
        "help@brand",
    ):
        assert value in text


def test_long_names_stay_on_the_page() -> None:
    host = ".".join(["sehr-langer-name-eines-servers"] * 4) + ".test"
    config = client_config(f"{'a' * 60}@{host}", host=host, ports=PORTS)
    text, found = read(sheet(config, FACE))
    assert len(found.pages) == 1
    assert "help@brand.test" in text


def test_a_brands_logo_is_on_it() -> None:
    out = BytesIO()
    Image.new("RGBA", (480, 160), (200, 30, 30, 128)).save(out, "PNG")
    config = client_config("ana@luna.test", host="mail1.postroom.test", ports=PORTS)
    _text, found = read(sheet(config, replace(FACE, logo=out.getvalue())))
    assert len(found.pages) == 1
    assert len(found.pages[0].images) == 1


@pytest.mark.django_db
def test_the_pages_are_there_for_who_may_see_the_mailbox() -> None:
    ines = person()
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    MailboxFactory.create(mail_domain=mail, local="ana")
    html = ines.client.get(reverse("mailbox-connect-sheet", args=["luna.test", "ana"])).content.decode()
    assert "sheet.pdf" in html
    answer = ines.client.get(
        reverse("mailbox-connect-sheet-pdf", args=["luna.test", "ana"]) + "?paper=letter"
    )
    assert answer["Content-Type"] == "application/pdf"
    text, _found = read(answer.content)
    assert "ana@luna.test" in text
    assert "argon" not in text.lower()
