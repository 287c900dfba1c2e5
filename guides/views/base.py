"""What every page of Connect Devices about one mailbox begins with."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from accounts.access import Right
from guides import selectors
from guides.clientconfig import ClientConfig
from mailboxes.views.either import EitherPage


class ConnectPage(EitherPage):
    """``tab`` is the same on all of them: one line of the navigation."""

    right = Right.SETTINGS
    tab = "connect"
    http_method_names = ["get", "head"]

    @cached_property
    def config(self) -> ClientConfig:
        return selectors.settings_for(self.mailbox.address, domain=self.domain)

    @cached_property
    def closed(self) -> list[str]:
        """Protocols that were switched off for this mailbox: ``imap``, ``pop3``, ``smtp``."""
        return [name for name in ("imap", "pop3", "smtp") if not getattr(self.mailbox, name)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        common = {"config": self.config, "closed": self.closed, "connect_url": self.url("connect")}
        return super().get_context_data(**common | kwargs)
