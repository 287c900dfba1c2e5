"""Which tables of the directory hold what belongs to mailboxes and domains."""

from __future__ import annotations

from typing import Any

from nodeagent.backends.tables import Table
from nodeagent.contract import Alias, Hold, Identity, Limit, Login

_LOGIN = ("id", "login", "password_hash", "imap", "pop3", "smtp", "sieve", "site", "networks", "expires")


def _login_ends(before: tuple[Any, ...], after: tuple[Any, ...] | None) -> bool:
    """Whatever it may no longer do: which of the user's sessions were opened with it nobody knows."""
    return before != after


TABLES = (
    Table(kind=Alias.KIND, name="aliases", columns=("address", "targets", "home"), key=("address",)),
    Table(kind=Login.KIND, name="logins", columns=_LOGIN, key=("login", "id"), ends_sessions=_login_ends),
    Table(kind=Identity.KIND, name="identities", columns=("login", "sender"), key=("login", "sender")),
    Table(
        kind=Limit.KIND,
        name="limits",
        columns=("scope", "mails_hour", "mails_day", "rcpts_hour", "rcpts_day", "new_day"),
        key=("scope",),
    ),
    Table(kind=Hold.KIND, name="holds", columns=("login", "reason"), key=("login",)),
)
