"""The pages of a mailbox user, about their mailbox alone. A person of the panel finds none of them: 404."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mailboxes.models import Compromise
from mailboxes.people import MailboxUser
from mailboxes.rebuilding.selectors import loss_of
from provision.models import Push
from provision.views import badge_of

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
def badge(request: HttpRequest, user: MailboxUser) -> HttpResponse:
    """The status badge of ``?key=`` (provision.views.badge), of what is this mailbox's."""
    key = request.GET.get("key", "")
    _kind, _slash, whose = key.partition("/")
    mine = "\0" not in key and f"{whose}/".startswith(f"{user.address}/")
    push = (
        Push.objects.select_related("domain__account").defer("payload").filter(key=key).first()
        if mine
        else None
    )
    if push is None:
        raise Http404
    return badge_of(request, push)


@require_safe
@own_page
def own(request: HttpRequest, user: MailboxUser) -> HttpResponse:
    """The address, how full it is, and what of it does not work."""
    stopped = Compromise.objects.still_open().filter(mailbox=user.pk).first()
    context = {"mailbox": user, "nav": "mailbox", "levels": user.suspensions(), "stopped": stopped}
    context |= {"loss": loss_of(user)}
    return render(request, "mailboxes/own/mailbox.html", context)
