"""The pages of a mailbox user, about their mailbox alone. A person of the panel finds none of them: 404."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mailboxes.people import MailboxUser

View = Callable[..., HttpResponse]


def own_page(view: View) -> View:
    """``view(request, user)`` for the mailbox user who asks."""

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, MailboxUser):
            raise Http404
        return view(request, request.user, *args, **kwargs)

    return never_cache(gate)


@require_safe
@own_page
def own(request: HttpRequest, user: MailboxUser) -> HttpResponse:
    """The address, how full it is, and what of it does not work."""
    context = {"mailbox": user, "nav": "own", "levels": user.suspensions()}
    return render(request, "mailboxes/own/mailbox.html", context)
