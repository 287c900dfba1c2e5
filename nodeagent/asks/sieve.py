"""A user's own Sieve scripts (ManageSieve), and rules tried on the mail that is there."""

from __future__ import annotations

import email.header
import email.parser
import email.policy
import email.utils
import heapq
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nodeagent.asks.folders import doveadm_of, user_of
from nodeagent.backends.base import BackendError
from nodeagent.backends.scripts import ENVIRONMENT, SIEVEC, complaint
from nodeagent.node import Node
from nodeagent.patterns import SCRIPT_BYTES

SIEVE_TEST = "/usr/bin/sieve-test"
SHOWN_BYTES = 64 * 1024  # of a script
MAILS = 50
SECONDS = 3.0  # the page waits for four
HEAD_BYTES = 64 * 1024
# Nobody else wrote these to the user.
_LEFT_OUT = {".Sent", ".Drafts", ".Trash"}
_STORED = re.compile(r"store message in folder: rule-([0-9]{1,3})$", re.MULTILINE)


def sieve_own(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """``user`` → ``active``: the name of the script that is on, or empty; ``text``: its beginning; ``more``:
    there is more of it; ``names``: of all their scripts."""
    user, doveadm = user_of(args), doveadm_of(node)
    listed = doveadm.run([("sieveList", {"user": user})])[0]
    if not isinstance(listed, list):
        raise BackendError(f"Dovecot cannot list the scripts (status {listed}); its log says why.")
    active = next((str(row.get("script", "")) for row in listed if _is_active(row)), "")
    text = ""
    if active:
        shown = doveadm.run([("sieveGet", {"user": user, "scriptname": active})])[0]
        text = _text_of(shown)
    data = text.encode()
    return {
        "active": active,
        "text": data[:SHOWN_BYTES].decode(errors="ignore"),
        "more": len(data) > SHOWN_BYTES,
        "names": [str(row.get("script", "")) for row in listed][:100],
    }


def sieve_off(node: Node, args: Mapping[str, Any]) -> bool:
    """``user``: their own script runs no longer; it stays stored, to be switched on again by ManageSieve."""
    answer = doveadm_of(node).run([("sieveDeactivate", {"user": user_of(args)})])[0]
    if isinstance(answer, int):
        raise BackendError(f"Dovecot did not switch the script off (status {answer}); its log says why.")
    return True


def sieve_try(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """``user``, ``script``: one that stores into ``rule-N`` what rule N catches → ``mails``, the newest
    first: ``subject``, ``sender``, ``date`` (Unix seconds), ``size``, ``rules`` (N). ``left``: not tried for
    want of time. Nothing is done to any mail."""
    user, script = user_of(args), args.get("script")
    mail = node.config.mail
    if mail is None or mail.sieve_config is None:
        raise BackendError("This node cannot try filters.")
    if not isinstance(script, str) or len(script.encode()) > SCRIPT_BYTES or "\0" in script:
        raise BackendError("The question does not fit this node's agent.")
    paths = newest(_home(node, mail.mail_root, user) / "Maildir")
    with tempfile.TemporaryDirectory(prefix="postroom-try-") as folder:
        path = Path(folder) / "try.sieve"
        path.write_text(script, encoding="utf-8")
        _compiled(mail.sieve_config, path)
        end = time.monotonic() + SECONDS
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda one: _tried(mail.sieve_config, path, one, end), paths))
    mails = [one for one in found if one is not None]
    return {"mails": mails, "left": len(found) - len(mails)}


def newest(maildir: Path) -> list[Path]:
    """The last MAILS files of all folders that others write to. A Maildir name begins with the time."""
    return [Path(path) for _when, path in heapq.nlargest(MAILS, _files(maildir))]


def _files(maildir: Path) -> Iterator[tuple[int, str]]:
    try:
        folders = [maildir, *(Path(one.path) for one in os.scandir(maildir) if one.name.startswith("."))]
    except OSError:
        return
    for folder in folders:
        if folder.name in _LEFT_OUT:
            continue
        for part in ("cur", "new"):
            try:
                entries = list(os.scandir(folder / part))
            except OSError:
                continue
            for entry in entries:
                begun = entry.name.partition(".")[0]
                if begun.isdecimal() and len(begun) <= 12:
                    yield int(begun), entry.path


def _tried(config: Path | None, script: Path, path: Path, end: float) -> dict[str, Any] | None:
    """None: no time left, or the mail is gone meanwhile."""
    left = end - time.monotonic()
    if left <= 0:
        return None
    command = [SIEVE_TEST, "-c", str(config)]
    try:
        with path.open("rb") as file:
            head, size = file.read(HEAD_BYTES), os.fstat(file.fileno()).st_size
        done = subprocess.run(
            [*command, "-l", f"maildir:{script.parent}/mail", "--", str(script), str(path)],
            capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL,
            env={**ENVIRONMENT, "HOME": str(script.parent)}, timeout=left,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    rules = sorted({int(number) for number in _STORED.findall(done.stdout)})
    return _shown(head) | {"size": size, "rules": rules}


def _shown(head: bytes) -> dict[str, Any]:
    mail = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)
    try:
        date = int(email.utils.parsedate_to_datetime(str(mail.get("Date", ""))).timestamp())
    except (ValueError, OverflowError, TypeError):
        date = 0
    return {"subject": _decoded(mail.get("Subject")), "sender": _decoded(mail.get("From")), "date": date}


def _decoded(value: Any) -> str:
    """As a person reads it; at most 200 characters."""
    try:
        text = str(email.header.make_header(email.header.decode_header(str(value or ""))))
    except (ValueError, LookupError, UnicodeError, email.errors.HeaderParseError):
        text = str(value)
    return "".join(one if one.isprintable() else " " for one in text)[:200]


def _compiled(config: Path, path: Path) -> None:
    done = subprocess.run(
        [SIEVEC, "-c", str(config), "--", str(path), str(path.with_suffix(".svbin"))],
        capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL,
        env=ENVIRONMENT, timeout=SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise BackendError(f"The node refuses these rules: {complaint(done.stderr, path)}")


def _home(node: Node, root: Path, user: str) -> Path:
    with node.engine.directory.reading() as connection:
        for (home,) in connection.execute("SELECT home FROM mailboxes WHERE address = ?", (user,)):
            return root / str(home)
    raise BackendError("The mail server does not know this mailbox.")


def _is_active(row: Mapping[str, Any]) -> bool:
    return str(row.get("active", "")).strip().upper() in {"ACTIVE", "TRUE", "YES", "1"}


def _text_of(answer: Any) -> str:
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        return str(next(iter(answer[0].values()), ""))
    raise BackendError(f"Dovecot cannot show the script (status {answer}); its log says why.")
