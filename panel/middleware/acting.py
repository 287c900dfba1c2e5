"""Acting for a client: for each request the place is asked for anew, and only while the session has one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.clients.acting import acting_end, may_act_for
from accounts.models import Account, Acting, User
from accounts.models.places import places_forget
from lib.errors import Denied
from lib.history import acting

KEY = "acting"
# The person's own: password, second steps, sessions, mails, invitations; and the provider's desk.
_CLOSED = ("accounts/", "admin/", "profile/", "notices/", "invitations/", "tokens/")
_OPEN = frozenset({"account_logout", "acting-stop"})


def place_take(request: HttpRequest, row: Acting) -> None:
    """From the next request on, until ``row.until``."""
    request.session[KEY] = {
        "account": row.account_id,
        "until": int(row.until.timestamp()),
        "row": row.pk,
    }


def place_leave(request: HttpRequest) -> int | None:
    """The account acted for, or None. Changes nothing else of the session."""
    place = request.session.pop(KEY, None)
    if place is None:
        return None
    if isinstance(request.user, User):
        # Its time may end on a page that changes nothing else, where nobody has said who is here.
        with acting(request.user, request.path, ip=request.META.get("REMOTE_ADDR")):
            acting_end(actor=request.user, pk=place["row"])
    return int(place["account"])


class ActingMiddleware:
    """``request.user.acting_for`` is the client while somebody acts for one, and ``request.acting_until``
    when that ends. Stands after the sign-in and the messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The cookie tells without asking the database.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and KEY in request.session:
            self._take(request, request.session[KEY])
        return self.get_response(request)

    def _take(self, request: HttpRequest, place: dict[str, int]) -> None:
        until = datetime.fromtimestamp(place["until"], tz=UTC)
        account = None
        if isinstance(request.user, User) and timezone.now() < until:
            rows = Account.objects.visible_to(request.user).select_related("reseller")
            # What is on record has the last word: ended there, it is ended in every session.
            going_on = Acting.objects.filter(
                pk=place["row"],
                account=OuterRef("pk"),
                user=request.user.pk,
                ended_at__isnull=True,
                until__gt=timezone.now(),
            )
            account = rows.filter(Exists(going_on), pk=place["account"]).first()
        if account is None or not may_act_for(request.user, account):
            place_leave(request)
            messages.warning(
                request, _("You no longer act for a client. What you do now is in your own name.")
            )
            return
        places_forget(request.user)
        request.user.acting_for = account  # type: ignore[union-attr]  # a User, see above
        request.acting_until = until  # type: ignore[attr-defined]  # for the banner

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """What is the person's own stays closed meanwhile: nobody mistakes whose password it is."""
        account = getattr(request.user, "acting_for", None) if hasattr(request, "acting_until") else None
        match = request.resolver_match
        if account is None or match is None or match.url_name in _OPEN:
            return
        if match.route.startswith(_CLOSED):
            text = _("You act for %(account)s. This page is about yourself: stop acting first.")
            raise Denied(text % {"account": account.name})
