"""Who changed something: what the database's triggers write beside every change.

Nothing that comes out of here is a secret: paths without the tokens in them, no query, no form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import pghistory

SECRET_PARTS = frozenset({"token", "key", "uidb36", "uidb64", "nonce", "code"})
"""Names of parts of a path that let somebody in: reset and confirmation links, invitations."""


class Person(Protocol):
    @property
    def pk(self) -> int: ...


@contextmanager
def acting(
    actor: Person | None, source: str, *, acting_for: int | None = None, ip: str | None = None
) -> Iterator[None]:
    """Changes inside are kept as ``actor``'s, made by ``source`` (``task delivery.tidy``, ``command node``),
    perhaps for the account with the key ``acting_for``.

    In a request panel.middleware.HistoryMiddleware has done the same with the person and the path.
    """
    said: dict[str, Any] = {"user": actor.pk if actor else None, "url": source}
    if acting_for is not None:
        said["acting_for"] = acting_for
    if ip:
        said["ip"] = ip
    with pghistory.context(**said):
        yield


def safe_path(path: str, parts: Mapping[str, Any]) -> str:
    """``path`` without what ``parts`` (a route's arguments) name as secret."""
    for name, value in parts.items():
        if name in SECRET_PARTS and value:
            path = path.replace(str(value), "…")
    return path
