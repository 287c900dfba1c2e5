"""The stack's own mail servers a second time, without our policy services: what `mailflow` is compared with.

Postfix and rspamd from copies of the stack's configuration, on a port and in folders of their own. Left out
is all that this product adds to a submission:

- both questions to the node's policy service (room and sending limits; at RCPT and when the text is there);
- rspamd's question whose the From is;
- the look-ups that hold a sign-in, its sender and its recipients to the panel's switches (signed.cf,
  stopped.cf, senders.cf, recipients.cf and what that leads to, the check of rewritten bounces).

What stays: TLS, the same sign-in, signing, header_checks, aliases and mailboxes from the same directory, the
log in the same file, and so shipped to the panel. Dovecot is the stack's own: mail is delivered into the same
store, through the same scripts, by the same LMTP server. Needs root.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import clients
from bench.stack import Stack

_NO_POLICY = (
    "  -o { smtpd_sender_restrictions = check_sender_access inline:{<>=reject}, reject_non_fqdn_sender }\n"
    "  -o { smtpd_recipient_restrictions = reject_non_fqdn_recipient, permit_sasl_authenticated, reject }\n"
    "  -o { smtpd_client_restrictions = }\n"
    "  -o { smtpd_data_restrictions = }\n"
    "  -o { smtpd_end_of_data_restrictions = }\n"
)


@dataclass(frozen=True)
class Place:
    """``node``: the stack's folder of the mail node; ``here``: ours."""

    node: Path
    here: Path
    port: int

    @property
    def postfix(self) -> Path:
        return self.here / "postfix"


@contextlib.contextmanager
def running(stack: Stack) -> Iterator[Stack]:
    """The stack, but with ``submissions`` at the servers without."""
    node = Path(stack.raw["state"]) / stack.raw["node"]["name"]
    with tempfile.TemporaryDirectory(prefix="mailflow-") as folder, contextlib.ExitStack() as stop:
        place = Place(node, Path(folder), _free_port())
        place.here.chmod(0o755)
        stop.enter_context(_process(_rspamd(place), place.here / "rspamd"))
        stop.enter_context(_process(_postfix(place), place.here / "queue"))
        raw = stack.raw | {"submissions": {"host": "127.0.0.1", "port": place.port}}
        second = Stack(raw)
        clients.until(lambda: _answers(place.port), within=20, what="the servers without policies")
        yield second


def _rspamd(place: Place) -> list[str]:
    """A copy of rspamd's folder without its files of run time, and the command that runs it."""
    target = place.here / "rspamd"
    ignore = shutil.ignore_patterns("*.sock", "*.pid", "learned", "learn", "*.cache*")
    shutil.copytree(place.node / "rspamd", target, ignore=ignore)
    for name in ("learn", "log"):
        (target / name).mkdir(exist_ok=True)
    text = (target / "rspamd.conf").read_text(encoding="utf-8")
    text = re.sub(r"^lua = .*from_header\.lua.*\n", "", text, flags=re.MULTILINE)
    text = text.replace(', "SENDER_HELD"', "")
    learned = f"{place.node}/rspamd/redis.sock"
    text = text.replace(f'"{learned}"', '"@LEARNED@"').replace(f"{place.node}/rspamd", str(target))
    text = text.replace("@LEARNED@", learned)
    text = re.sub(r'filename = "[^"]*"', f'filename = "{target}/log/rspamd.log"', text)
    text = re.sub(r'(bind_socket = "127\.0\.0\.1):\d+', rf"\g<1>:{_free_port()}", text)
    (target / "rspamd.conf").write_text(text, encoding="utf-8")
    for path in (target, *target.rglob("*")):
        shutil.chown(path, "_rspamd", "_rspamd")
    return ["/usr/bin/rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", str(target / "rspamd.conf")]


def _postfix(place: Place) -> list[str]:
    """The same of Postfix: one listener, and a queue of its own."""
    node, target = place.node, place.postfix
    shutil.copytree(node / "postfix", target)
    for name in ("queue", "data"):
        (place.here / name).mkdir()
    shutil.chown(place.here / "data", "postfix", "root")
    queue = f"{node}/queue/private"
    main = (target / "main.cf").read_text(encoding="utf-8")
    main = main.replace(f"{node}/postfix-data", f"{place.here}/data").replace(f"{node}/postfix", str(target))
    main = main.replace(f"queue_directory = {node}/queue", f"queue_directory = {place.here}/queue")
    main = main.replace("unix:private/dovecot-lmtp", f"unix:{queue}/dovecot-lmtp")
    main = main.replace("private/dovecot-auth", f"{queue}/dovecot-auth")
    (target / "main.cf").write_text(main, encoding="utf-8")
    master = (target / "master.cf").read_text(encoding="utf-8")
    (target / "master.cf").write_text(_only_submissions(place, master), encoding="utf-8")
    subprocess.run(["/usr/sbin/postfix", "-c", str(target), "check"], check=True, capture_output=True)
    return ["/usr/lib/postfix/sbin/master", "-d", "-c", str(target)]


def _only_submissions(place: Place, master: str) -> str:
    """Of the listeners that with TLS from the start, without policies; the inner services as they are."""
    parts = re.split(r"(?m)^(?=[^\s#])", master)
    kept = [part for part in parts if not re.match(r"127\.0\.0\.1:\d+ inet", part)]
    wanted = next(part for part in parts if "smtpd_tls_wrappermode=yes" in part)
    wanted = re.sub(r"\A127\.0\.0\.1:\d+", f"127.0.0.1:{place.port}", wanted)
    wanted = re.sub(
        r"(?m)^  -o \{? ?smtpd_(?:sender|recipient|client|data|end_of_data)_restrictions.*\n", "", wanted
    )
    wanted = wanted.replace(f"{place.node}/rspamd", f"{place.here}/rspamd")
    return "".join([wanted.rstrip("\n") + "\n" + _NO_POLICY, *kept])


@contextlib.contextmanager
def _process(argv: list[str], folder: Path) -> Iterator[None]:
    """Runs in a process group of its own, which ends with it."""
    process = subprocess.Popen(
        argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _answers(port: int) -> bool | None:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return None


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
