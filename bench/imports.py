"""How fast many mailboxes come in from a file: saved, and live on the servers.

``saved``: from the press that confirms to the word that all are saved. ``live``: from the same moment until
the servers have shown every one of them. Meanwhile a mailbox made by the form, a page and an IMAP sign-in are
timed, and the memory of the panel's processes is watched. The plain run compares the whole import, upload to
saved, with the bare work of its hashes on the same cores.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import clients, journey
from bench.figures import percentile, say
from bench.journey import PanelError
from bench.people import throw_away
from bench.stack import ROOT, Stack
from bench.web import Browser

FEW, MANY = 10_000, 100_000
WITHIN = 400.0
NOT_FOUND = 404
HASH = (
    "{SHA512-CRYPT}$6$J039mD43ogzo5YoN$FjuwJQDS6zEc2oma0ZdHSBcOCPbjI.nTNTw2e2PNrM/A0FvKpDrWIP0/"
    "2pH0qBAPgz7G2yf8m9iYcv4pKbTws0"
)
PASSWORD = "harbor-violet"  # noqa: S105 - of the hash above; throw-away mailboxes


def run(stack: Stack, few: int = FEW, many: int = MANY) -> dict[str, float]:
    """Keys as in the issue, and how the panel and mail answered meanwhile."""
    browser, other = (journey.sign_in(stack, *login) for login in throw_away(stack, "bulk"))
    _room(stack, 2 * few + many)
    figures: dict[str, float] = {}
    with _Memory(stack) as memory:
        with _Domain(stack, browser) as domain:
            saved, live, _whole = _imported(stack, browser, domain, few, HASH)
            figures |= {"import10k_saved_s": saved, "import10k_live_s": live}
            say(f"{few} with hashes: {figures}")
        with _Domain(stack, browser) as domain, _Meanwhile(stack, other) as meanwhile:
            saved, live, _whole = _imported(stack, browser, domain, many, HASH)
            figures |= {"import100k_saved_s": saved, "import100k_live_s": live} | meanwhile.figures()
            say(f"{many} with hashes: {figures}")
        with _Domain(stack, browser) as domain:
            bare = _bare_hashes(few)
            _saved, _live, whole = _imported(stack, browser, domain, few, "")
            figures |= {"plain10k_s": whole, "hashes_alone_s": bare, "plain_over_hash": whole / bare}
    figures["worker_rss_mb"] = memory.most
    say(f"{figures}")
    return {key: round(value, 3) for key, value in figures.items()}


def _room(stack: Stack, boxes: int) -> None:
    script = (
        "from accounts.models import Account\n"
        f"Account.objects.filter(name='Smoke 1').update(max_mailboxes={boxes + 1000},"
        " storage_mb=1_000_000_000, max_domains=1000)"
    )
    argv = [str(ROOT / "deploy" / "with-env"), stack.raw["panel_env"], str(ROOT / ".venv" / "bin" / "python")]
    done = subprocess.run(
        [*argv, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", script], capture_output=True, check=False
    )
    if done.returncode:
        raise PanelError(f"no room was given: {done.stderr.decode()[-300:]}")


class _Domain:
    def __init__(self, stack: Stack, browser: Browser) -> None:
        self.browser, self.name = browser, f"bulk-{secrets.token_hex(4)}.test"

    def __enter__(self) -> str:
        journey.add_domain(self.browser, self.name)
        journey.live(self.browser, f"mail_domain/{self.name}")
        return self.name

    def __exit__(self, *_error: object) -> None:
        """A hundred thousand go for longer than a browser waits."""
        path = f"/domains/{self.name}/"
        try:
            journey.delete_domain(self.browser, self.name)
        except TimeoutError:
            self.browser.close()
        clients.until(
            lambda: True if self._gone(path) else None, within=WITHIN, what="the domain is gone", every=1.0
        )

    def _gone(self, path: str) -> bool:
        try:
            return self.browser.open(path).status == NOT_FOUND
        except OSError:
            self.browser.close()
            return False


def _rows(count: int, kept: str) -> Iterator[str]:
    yield "address,password,quota"
    for number in range(count):
        yield f"box{number:06},{kept or secrets.token_urlsafe(12)},10 MB"


def _imported(
    stack: Stack, browser: Browser, domain: str, count: int, kept: str
) -> tuple[float, float, float]:
    """Seconds from the confirmation to saved, and to live; from the upload to saved."""
    begun = time.perf_counter()
    path = f"/domains/{domain}/mailboxes/import/"
    page = browser.upload(browser.open(path), "file", "boxes.csv", "\n".join(_rows(count, kept)).encode())
    page = journey.done(browser.submit(page, page.form("key", action="columns"), {}), leaves="/columns/")
    one = page.url

    def word(*texts: str) -> bool | None:
        text = browser.open(one).text
        if "st bad" in text or "note bad" in text:
            raise PanelError(f"the import stopped: {journey.said(browser.open(one))}")
        return True if any(each in text for each in texts) else None

    clients.until(lambda: word('value="all"'), within=WITHIN, what="the rows are checked", every=0.2)
    page = browser.open(one)
    pressed = time.perf_counter()
    browser.submit(page, page.form(action="confirm"), {}, press=("mode", "all"))
    clients.until(lambda: word("Shown by the mail server"), within=WITHIN, what="saved", every=0.1)
    saved = time.perf_counter()
    clients.until(lambda: word('class="st ok"'), within=WITHIN, what="all live", every=0.1)
    live = time.perf_counter()
    if kept:
        for number in (0, count // 2, count - 1):
            with clients.imap(stack, f"box{number:06}@{domain}", PASSWORD):
                pass
    return saved - pressed, live - pressed, saved - begun


def _bare_hashes(count: int) -> float:
    """The same hashes on the same cores, with nothing else."""
    from lib.passwords import hash_mailbox_password

    words = [secrets.token_urlsafe(12) for _ in range(count)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for _made in pool.map(hash_mailbox_password, words):
            pass
    return time.perf_counter() - begun


class _Meanwhile:
    """Somebody else works on: a page, a mailbox by the form, a sign-in by IMAP, one after the other."""

    def __init__(self, stack: Stack, browser: Browser) -> None:
        self.browser = browser
        self.stack, self.pages, self.forms, self.imaps = stack, [], [], []  # type: ignore[var-annotated]
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.failed = 0

    def __enter__(self) -> _Meanwhile:
        self.domain = f"calm-{secrets.token_hex(4)}.test"
        journey.add_domain(self.browser, self.domain)
        journey.live(self.browser, f"mail_domain/{self.domain}")
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()
        journey.delete_domain(self.browser, self.domain)

    def _work(self) -> None:
        number = 0
        while not self._end.wait(0.5):
            number += 1
            try:
                self._once(f"calm{number:04}")
            except (OSError, LookupError, PanelError, TimeoutError):
                self.failed += 1

    def _once(self, local: str) -> None:
        begun = time.perf_counter()
        page, form = journey.mailbox_form(self.browser, self.domain)
        opened = time.perf_counter()
        password = secrets.token_urlsafe(12)
        values = {"local": local, "password": password, "quota_mb": "10 MB"}
        self.browser.post(page, form, values)
        answered = time.perf_counter()
        journey.live(self.browser, f"mailbox/{local}@{self.domain}")
        live = time.perf_counter()
        with clients.imap(self.stack, f"{local}@{self.domain}", password):
            self.imaps.append(time.perf_counter() - live)
        self.pages.append(opened - begun)
        self.forms.append(live - answered)

    def figures(self) -> dict[str, float]:
        if not self.forms:
            return {"meanwhile": 0.0, "meanwhile_failed": float(self.failed)}
        return {
            "meanwhile": float(len(self.forms)),
            "meanwhile_failed": float(self.failed),
            "page_p95_s": percentile(self.pages, 0.95),
            "form_live_p50_s": percentile(self.forms, 0.5),
            "form_live_p95_s": percentile(self.forms, 0.95),
            "imap_p95_s": percentile(self.imaps, 0.95),
        }


class _Memory:
    """The most that one process of the panel, or one that reads a file, held (MB)."""

    def __init__(self, stack: Stack) -> None:
        self.most = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._marks = (b"panel.celery", b"gunicorn", b"bulk_read")

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.25):
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    if any(mark in (folder / "cmdline").read_bytes() for mark in self._marks):
                        self.most = max(self.most, _rss(folder))
                except OSError:
                    continue


def _rss(folder: Path) -> float:
    for line in (folder / "status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
