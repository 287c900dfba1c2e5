"""Import, export and restore on the running stack: real mail from one mailbox into another, whatever is
killed on the way. The stack has to allow imports from itself (POSTROOM_IMPORT_ALLOW=127.0.0.0/8 bin/up)."""

from __future__ import annotations

import contextlib
import io
import os
import re
import secrets
import signal
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import clients
from bench.web import Page
from tests.onstack import Box, House, sql

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]
TAG = re.compile(r"<[^>]+>")
LETTER = b"From: Ana <ana@people.test>\r\nMessage-ID: <%d@people.test>\r\nSubject: m%d\r\n\r\n"


def fill(box: Box, folder: str, mails: int, size: int = 10) -> None:
    with clients.imap(box.stack, box.address, box.password) as session:
        session.create(folder)
        for n in range(mails):
            mail = LETTER % (n, n) + b"x" * size
            assert session.append(folder, r"(\Seen)", '"05-Mar-2021 10:00:00 +0000"', mail)[0] == "OK"


def held(box: Box, folder: str) -> int:
    """0 where there is no such folder."""
    with clients.imap(box.stack, box.address, box.password) as session:
        status, data = session.select(folder, readonly=True)
        return int(data[0] or 0) if status == "OK" else 0


def base(box: Box) -> str:
    local, _at, domain = box.address.partition("@")
    return f"/domains/{domain}/mailboxes/{local}/"


def job(box: Box, kind: str) -> tuple[str, str]:
    """State and note of the newest."""
    rows = sql(
        box.stack,
        "SELECT job.state, job.note FROM mailboxes_job AS job"
        " JOIN mailboxes_mailbox AS box ON box.id = job.mailbox_id"
        " WHERE box.address = %s AND job.kind = %s ORDER BY job.made_at DESC LIMIT 1",
        box.address,
        kind,
    )
    return rows[0] if rows else ("", "")


def fetch(house: House, source: Box, target: Box, **other: str) -> Page:
    page = house.browser.open(f"{base(target)}import/")
    host, port = source.stack.at("imaps")
    del host  # its certificate names it so
    values = {"host": "localhost", "port": str(port), "user": source.address, "password": source.password}
    return house.browser.submit(page, page.form("host", "user"), values | other)


def press(house: House, box: Box, action: str) -> None:
    page = house.browser.open(f"{base(box)}import/")
    form = next(form for form in page.forms if ("action", action) in form.buttons)
    house.browser.submit(page, form, {}, press=("action", action))


def ended(box: Box, kind: str, wait_for: Wait) -> tuple[str, str]:
    found: tuple[str, str] = wait_for(
        lambda: (now := job(box, kind))[0] in {"done", "failed"} and now, seconds=60
    )
    return found


def test_mail_comes_with_folders_dates_and_marks_and_again_only_what_is_new(
    house: House, wait_for: Wait
) -> None:
    source, target = house.box("old"), house.box("new")
    fill(source, "Proj/2026", 5)
    fetch(house, source, target)
    assert ended(target, "import", wait_for)[0] == "done"
    with clients.imap(target.stack, target.address, target.password) as session:
        assert session.select('"Proj/2026"', readonly=True)[1] == [b"5"]
        told = session.fetch("1", "(FLAGS INTERNALDATE)")[1][0]
    assert isinstance(told, bytes)
    assert b"\\Seen" in told
    assert b"05-Mar-2021" in told
    fill(source, "Later", 1)
    press(house, target, "again")
    wait_for(lambda: held(target, "Later") == 1, seconds=60)
    assert held(target, '"Proj/2026"') == 5
    stored = sql(house.stack, "SELECT args::text || sealed FROM mailboxes_job")
    assert not any(source.password in str(row[0]) for row in stored)


def test_a_wrong_password_is_said(house: House, wait_for: Wait) -> None:
    source, target = house.box("old"), house.box("new")
    fetch(house, source, target, password="wrong")
    state, note = ended(target, "import", wait_for)
    assert state == "failed"
    assert "does not accept the user name and password" in note


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[fe80::1]", "::ffff:192.168.0.1"])
def test_inner_addresses_are_refused(house: House, host: str) -> None:
    box = house.box("new")
    assert "field wrong" in fetch(house, box, box, host=host).text
    assert job(box, "import") == ("", "")


def test_a_full_mailbox_stops_it_and_more_room_lets_it_go_on(house: House, wait_for: Wait) -> None:
    source, target = house.box("old"), house.box("new", quota="1 MB")
    fill(source, "Many", 12, size=200_000)
    fetch(house, source, target)
    state, note = ended(target, "import", wait_for)
    assert state == "failed"
    assert "mailbox is full" in note
    assert 0 < held(target, "Many") < 8
    house.act(target, "quota", quota_mb="20 MB")
    press(house, target, "again")
    wait_for(lambda: held(target, "Many") == 12, seconds=60)


def test_a_killed_import_goes_on_and_brings_nothing_twice(house: House, wait_for: Wait) -> None:
    source, target = house.box("old"), house.box("new")
    fill(source, "Many", 250, size=3000)
    fetch(house, source, target)
    wait_for(lambda: held(target, "Many") > 5, seconds=60)
    kill_job_of(target)
    wait_for(lambda: job(target, "import")[0] == "done", seconds=90)
    assert held(target, "Many") == 250


def kill_job_of(box: Box) -> None:
    """The job's own process, and with it dsync."""
    ((ident,),) = sql(
        box.stack,
        "SELECT job.ident FROM mailboxes_job AS job JOIN mailboxes_mailbox AS box ON box.id = job.mailbox_id"
        " WHERE box.address = %s ORDER BY job.made_at DESC LIMIT 1",
        box.address,
    )
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            argv = path.read_bytes().split(b"\0")
            if ident.encode() in argv and b"nodeagent" in argv:
                os.kill(int(path.parent.name), signal.SIGKILL)


def download(house: House, box: Box) -> bytes:
    page = house.browser.open(f"{base(box)}archives/")
    path = re.findall(r'href="([^"]*/archives/[0-9a-f]{32}/)"', page.text)[0]
    cookies = "; ".join(f"{name}={value}" for name, value in house.browser.cookies.items())
    asked = urllib.request.Request(house.stack.panel + path, headers={"Cookie": cookies})  # noqa: S310 - https, ours
    with urllib.request.urlopen(asked, context=house.stack.tls()) as answer:  # noqa: S310 - https, ours
        data: bytes = answer.read()
    return data


def restore(house: House, box: Box, data: bytes, folder: str = "") -> Page:
    page = house.browser.open(f"{base(box)}archives/")
    form = page.form(action="restore")
    mark = secrets.token_hex(16)
    fields = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (dict(form.fields) | {"r-folder": folder}).items()
    )
    head = f'--{mark}\r\nContent-Disposition: form-data; name="r-file"; filename="mail.zip"\r\n\r\n'
    body = (fields + head).encode() + data + f"\r\n--{mark}--\r\n".encode()
    kind = f"multipart/form-data; boundary={mark}"
    _status, _to, text = house.browser.once("POST", form.action, body, page.url, kind)
    return Page(_status, page.url, text, [])


def test_an_archive_leads_back_into_the_same_and_another_mailbox(house: House, wait_for: Wait) -> None:
    box, other = house.box("ana"), house.box("eva")
    fill(box, "Proj/2026", 4)
    page = house.browser.open(f"{base(box)}archives/")
    house.browser.submit(page, page.form("folder"), {"folder": ""})
    assert ended(box, "export", wait_for)[0] == "done"
    data = wait_for(lambda: download(house, box), seconds=60)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert sum(name.endswith(".eml") for name in archive.namelist()) == 4
    with clients.imap(box.stack, box.address, box.password) as session:
        session.select('"Proj/2026"')
        session.store("1:2", "+FLAGS", r"\Deleted")
        session.expunge()
    restore(house, box, data)
    assert ended(box, "restore", wait_for)[0] == "done"
    assert held(box, '"Proj/2026"') == 4
    restore(house, other, data, "Back")
    assert ended(other, "restore", wait_for)[0] == "done"
    assert held(other, "Back") == 4


def zipped(rows: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in rows.items():
            archive.writestr(name, data)
    return file.getvalue()


def test_bombs_and_ways_out_are_refused(house: House) -> None:
    box = house.box("ana")
    for data in (zipped({"../../x.eml": b"Subject: x\r\n\r\n"}), zipped({"x.eml": b"\0" * 150_000_000})):
        assert "field wrong" in restore(house, box, data).text
    assert job(box, "restore") == ("", "")


def test_mails_without_a_name_of_their_own_are_all_restored(house: House, wait_for: Wait) -> None:
    box = house.box("ana")
    rows = {f"INBOX/{n}.eml": b"Subject: s%d\r\n\r\nbody\r\n" % n for n in range(5)}
    for _twice in range(2):
        restore(house, box, zipped(rows))
        wait_for(lambda: job(box, "restore")[0] == "done", seconds=60)
    assert held(box, "INBOX") == 5
