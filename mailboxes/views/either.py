"""Pages about one mailbox that two kinds of people open: who looks after it, below its domain, and its own
user, below ``mailbox/``. One view, two addresses: ``mailbox-NAME`` and ``own-NAME``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.urls.resolvers import URLPattern

from accounts.access import Right, protects
from mailboxes.people import MailboxUser
from mailboxes.views.base import OnePage


class EitherPage(OnePage):
    """``tab``: the page's line in tabs.html and own/nav.html. ``own`` is set for a mailbox's own user, whom
    ``right`` does not concern."""

    right = Right.MANAGE
    own: MailboxUser | None = None
    tab = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if "name" in kwargs:
            super().setup(request, *args, **kwargs)
            return
        self.request, self.args, self.kwargs = request, args, kwargs
        if not isinstance(request.user, MailboxUser):
            raise Http404
        self.own = request.user
        self.mailbox = request.user
        self.mail_domain = request.user.mail_domain
        self.domain = self.mail_domain.domain

    def url(self, name: str, *args: Any) -> str:
        """Of another such page (``filters``, ``filter``), for the one who asks."""
        if self.own:
            return reverse(f"own-{name}", args=args)
        return reverse(f"mailbox-{name}", args=[self.domain.name, self.mailbox.local, *args])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        common = {
            "own": self.own,
            "tab": self.tab,
            "nav": self.tab if self.own else "mailboxes",
            "base_template": "mailboxes/own/base.html" if self.own else "mailboxes/one_base.html",
            # Who may do more than look was asked already (OnePage.setup), and would not be here.
            "key_of": None
            if self.own or self.right != Right.LOOK
            else protects(self.request.user, self.mailbox.address, self.domain.account),
        }
        return super().get_context_data(**common | kwargs)


View = Callable[..., HttpResponseBase]


def either(route: str, view: View, name: str) -> list[URLPattern]:
    """Both addresses of a page; ``route``: what comes after the mailbox, such as ``filters/<int:pk>/``."""
    return [
        path(
            f"domains/<mail_domain:name>/mailboxes/<mail_local:local>/{route}", view, name=f"mailbox-{name}"
        ),
        path(f"mailbox/{route}", view, name=f"own-{name}"),
    ]
