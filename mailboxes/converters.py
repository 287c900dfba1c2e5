"""Parts of addresses in URLs."""

from __future__ import annotations

WORDS = frozenset(
    {"new", "bulk", "import"}
)  # pages beside the mailboxes; somebody may well have the mailbox new@


class DomainConverter:
    regex = r"[A-Za-z0-9._-]+"

    def to_python(self, value: str) -> str:
        return value.lower()

    def to_url(self, value: str) -> str:
        return value


class LocalConverter:
    """What stands before the @. ``…/new@/`` is a mailbox, ``…/new/`` the page that makes one."""

    regex = r"[A-Za-z0-9._+-]+@?"

    def to_python(self, value: str) -> str:
        return value.removesuffix("@").lower()

    def to_url(self, value: str) -> str:
        return f"{value}@" if value in WORDS else value
