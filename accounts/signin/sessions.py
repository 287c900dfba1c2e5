"""What follows a good sign-in, and what ends with a password: places, notices, sessions."""

from __future__ import annotations

from functools import partial
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone, translation

from accounts.branding.select import brand_of_user, panel_url_for
from accounts.models import SignInPlace, User
from accounts.signin import devices, networks, throttle, useragents
from lib.dates import written
from notices.services import notice_send

LISTED = "listed"  # in a session that the person finds in the list of sessions

MOST_SHOWN = 100


def address_of(request: HttpRequest) -> str:
    """The client's, as panel.middleware.proxy has found it out."""
    return str(request.META.get("REMOTE_ADDR", ""))


def let_in(request: HttpRequest, login: str, password_hash: str) -> None:
    """This browser and its network are known to ``login`` from now on."""
    throttle.remember(login=login, network=networks.near(address_of(request)))
    devices.give(request, login, password_hash)


@transaction.atomic
def session_note(request: HttpRequest) -> None:
    """The session that begins is in the person's list; those that have ended leave it."""
    mine = UserSession.objects.filter(user=request.user.pk)
    mine.exclude(session_key__in=_holding()).delete()
    UserSession.objects.create_from_request(request)
    request.session[LISTED] = True


@transaction.atomic
def place_note(*, user: User, address: str, user_agent: str) -> bool:
    """Remember where the person signed in. A place that is new, and not the very first, is told by mail.
    True: it was told."""
    with translation.override(None):  # the same device in whatever language its person reads
        device = useragents.words(user_agent)[:80]
    network = networks.wide(address)
    now = timezone.now()
    User.objects.select_for_update().get(pk=user.pk)  # two sign-ins at once are told once
    if SignInPlace.objects.filter(user=user, network=network, device=device).update(last_at=now):
        return False
    first = not SignInPlace.objects.filter(user=user).exists()
    SignInPlace.objects.create(user=user, network=network, device=device)
    if first:
        return False
    context = partial(_where, address, user_agent, url=f"{panel_url_for(user)}/accounts/sessions/")
    notice_send(
        kind="new_sign_in", to=user.email, user_id=user.pk, context=context, brand=brand_of_user(user)
    )
    return True


def password_told(*, user: User, request: HttpRequest) -> None:
    """The person hears of a new password, wherever it was set."""
    user_agent, url = request.headers.get("User-Agent", ""), f"{panel_url_for(user)}/accounts/password/reset/"
    context = partial(_where, address_of(request), user_agent, url=url)
    notice_send(
        kind="password_changed", to=user.email, user_id=user.pk, context=context, brand=brand_of_user(user)
    )


def _where(address: str, user_agent: str, *, url: str) -> dict[str, str]:
    """In the reader's language, which is active."""
    at = written(timezone.localtime(), "j F Y, H:i e")
    return {"device": useragents.words(user_agent), "ip": address, "at": at, "url": url}


@transaction.atomic
def sessions_end(*, user: User, keep: str = "") -> int:
    """End the person's sessions except the one with the key ``keep``. Gives how many."""
    return _end(UserSession.objects.filter(user=user).exclude(session_key=keep))


@transaction.atomic
def session_end(*, user: User, pk: int) -> int:
    """End one of the person's own sessions; 0 if it is not there or somebody else's."""
    return _end(UserSession.objects.filter(user=user, pk=pk))


def _end(rows: Any) -> int:
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)


def sessions_of(user: User) -> list[UserSession]:
    """Those that still hold, the last used first, at most MOST_SHOWN. One query."""
    rows = UserSession.objects.filter(user=user, session_key__in=_holding())
    return list(rows.order_by("-last_seen_at", "-pk")[:MOST_SHOWN])


def _holding() -> Any:
    return Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")


def tidy() -> None:
    """Sessions that have ended, and tries that say nothing any more."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    throttle.tidy()
