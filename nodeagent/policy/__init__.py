"""Sending limits: asked by both submission services (Postfix's SMTPD_POLICY_README).

What a login, its domain and its account send in a sliding hour and day is held against the limits in the
directory. Asked for each recipient, so that who is refused stands in the log; counted once the mail's text
comes, so that what is given up counts for nothing. The panel may be down. Counts live in an SQLite file of
their own and outlive a restart. When this service is away Postfix lets the mail pass (default_action=DUNNO).
"""

from __future__ import annotations

import os
import signal

from nodeagent.config import Config, ConfigError, load
from nodeagent.directory import Directory
from nodeagent.policy.counts import Counts
from nodeagent.policy.decision import GO_ON, Policy
from nodeagent.policy.server import Server, parse

__all__ = ["GO_ON", "Counts", "Policy", "Server", "build", "main", "parse"]


def build(config: Config) -> tuple[Server, Policy]:
    mail = config.mail
    if mail is None or mail.policy_socket is None or mail.policy_db is None:
        raise ConfigError("POLICY_SOCKET and POLICY_DB are not set in the node's environment")
    policy = Policy(Directory(config.directory), Counts(mail.policy_db))
    return Server(mail.policy_socket, policy.answer), policy


def main() -> int:
    """``python -m nodeagent policy``."""
    os.umask(0o027)
    server, policy = build(load())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    server.serve()
    server.close()
    policy.counts.close()
    return 0
