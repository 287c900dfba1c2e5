"""Pages around signing in: where one is signed in, the second step that is asked for, a suspended account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.signin import sessions as signing_in
from accounts.signin import useragents
from accounts.signin.rules import lacks_second_step
from accounts.suspension.asleep import accounts_asleep, kept_out_by


def person_of(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """The list; a POST ends all others."""
    person, here = person_of(request), request.session.session_key
    if request.method == "POST":
        ended = signing_in.sessions_end(user=person, keep=here or "")
        text = ngettext("%(n)d other session is ended.", "%(n)d other sessions are ended.", ended)
        messages.success(request, text % {"n": ended})
        return redirect("usersessions_list")
    rows: list[dict[str, Any]] = [
        {"session": row, "device": useragents.words(row.user_agent), "here": row.session_key == here}
        for row in signing_in.sessions_of(person)
    ]
    rows.sort(key=lambda row: not row["here"])
    others = any(not row["here"] for row in rows)
    return render(request, "usersessions/usersession_list.html", {"rows": rows, "others": others})


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else's is not there: 404."""
    if not signing_in.session_end(user=person_of(request), pk=pk):
        raise Http404
    messages.success(request, _("That session is ended. Nobody is signed in there any more."))
    return redirect("usersessions_list")


@require_safe
def second_step(request: HttpRequest) -> HttpResponse:
    """Where panel.middleware.gate leads those who must set one up."""
    if not lacks_second_step(person_of(request)):
        return redirect("home")
    return render(request, "account/second_step.html")


@require_safe
def asleep(request: HttpRequest) -> HttpResponse:
    """Which of the person's accounts are suspended or closed; why, since when and by whom."""
    found = [(account, kept_out_by(account)) for account in accounts_asleep(person_of(request))]
    if not found:
        return redirect("home")
    return render(request, "account/asleep.html", {"found": found})
