"""Whether the addresses in a mail's From are the sender's own: asked by rspamd for each mail of who is signed
in (deploy/rspamd/from_header.lua). Postfix holds the envelope's sender (reject_sender_login_mismatch) and
never looks at the header that people read.

A process of its own, beside the limits': without that mail goes on uncounted; without this one it waits (451,
the mail program keeps it), for a forged author in mail that we sign does harm that no retry mends. It reads
the directory alone, so the panel may be down; rspamd, which parses what strangers send, never gets to read
the passwords' hashes that lie there.
"""

from __future__ import annotations

import os
import signal

from nodeagent.config import ConfigError, load
from nodeagent.directory import Directory
from nodeagent.policy.server import Server
from nodeagent.senders.check import Senders

QUESTION_BYTES = 512 * 1024  # Postfix takes 100 KiB of one header


def main() -> int:
    """``python -m nodeagent senders``."""
    os.umask(0o027)
    config = load()
    if config.mail is None or config.mail.senders_socket is None:
        raise ConfigError("SENDERS_SOCKET is not set in the node's environment")
    senders = Senders(Directory(config.directory))
    server = Server(config.mail.senders_socket, senders.answer, most=QUESTION_BYTES)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    server.serve()
    server.close()
    return 0
