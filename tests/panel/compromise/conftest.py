"""One customer with a domain, a stranger."""

from tests.mailboxes.conftest import world

__all__ = ["world"]
