"""Bounces of forwarded mail: Postfix asks here what stands behind one of our rewritten addresses (srs.py).

A socketmap (socketmap_table(5)) on a Unix socket with two maps: ``back`` gives the original sender, ``check``
a refusal for an address that is forged or old. Postfix asks for addresses that look rewritten alone
(deploy/postfix/rewritten), so other mail never waits for this service."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import suppress
from pathlib import Path

from nodeagent.config import ConfigError, load
from nodeagent.srs import BadAddressError, Rewriter

log = logging.getLogger(__name__)

QUESTION_BYTES = 10_000
LENGTH_DIGITS = 5
IDLE_SECONDS = 600
NOT_FOUND = "NOTFOUND "


def answer(rewriter: Rewriter, question: str) -> str:
    """``map key`` → the reply of socketmap_table(5)."""
    name, _space, key = question.partition(" ")
    if name not in {"back", "check"}:
        return "PERM There is no such map here."
    try:
        back = rewriter.reverse(key)
    except BadAddressError as error:
        return f"OK 550 5.1.1 {error}" if name == "check" else NOT_FOUND
    return f"OK {back}" if name == "back" else NOT_FOUND


async def _serve(rewriter: Rewriter, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        while True:
            head = await asyncio.wait_for(reader.readuntil(b":"), IDLE_SECONDS)
            if len(head) > LENGTH_DIGITS + 1 or int(head[:-1]) > QUESTION_BYTES:
                break
            text = await reader.readexactly(int(head[:-1]) + 1)
            reply = answer(rewriter, text[:-1].decode("utf-8", "replace")).encode()
            writer.write(b"%d:%s," % (len(reply), reply))
            await writer.drain()
    writer.close()


async def _run(path: Path, rewriter: Rewriter) -> None:
    path.unlink(missing_ok=True)
    mask = os.umask(0o117)  # owner and group (the folder's, which is Postfix') alone
    try:
        server = await asyncio.start_unix_server(lambda r, w: _serve(rewriter, r, w), path)
    finally:
        os.umask(mask)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


def main() -> int:
    """``python -m nodeagent bounces``."""
    mail = load().mail
    if mail is None or mail.bounces_socket is None or mail.srs_key_file is None:
        raise ConfigError("BOUNCES_SOCKET and SRS_KEY_FILE are not set in the node's environment")
    asyncio.run(_run(mail.bounces_socket, Rewriter(mail.srs_key_file.read_bytes().strip())))
    return 0
