"""Who may open nothing but a few pages: mailbox users, people who must set up a second step, and those whose
only accounts are suspended. Asked before the view runs and before CSRF is looked at, so every verb is
answered alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.signin.rules import lacks_second_step
from accounts.suspension.asleep import only_asleep
from lib.errors import Denied

# By the names of their URLs. What a page is made of (colours, brand, health) is open to all.
OF_ALL = frozenset(
    {
        "theme",
        "language",
        "brand-css",
        "brand-logo",
        "health-live",
        "health-ready",
        "metrics",
        "account_logout",
        "forward-confirm",
        "autoconfig", "autoconfig-well-known", "autodiscover", "autodiscover-json", "profile-file",
        "setup-start", "setup", "setup-code", "setup-code-thunderbird",
        "share", "share-guide",
    }
)  # fmt: skip
OF_MAILBOXES = OF_ALL | {
    "own-app-passwords", "own-app-password-new", "own-app-password-revoke", "own-identities",
    "own-identity-remove", "own-protocols",
    "own-storage", "own-storage-largest", "own-storage-sender", "own-storage-clean",
    "own-sending",
    "own-import", "own-job", "own-archives", "own-archives-restore", "own-archive",
    "own-spam", "own-quarantine",
    "own-autoresponder", "own-filters", "own-filter-new", "own-filters-test", "own-filters-script-off",
    "own-filter", "own-filter-move", "own-filter-switch", "own-filter-delete",
    "own", "own-badge", "own-forwarding", "own-password", "own-connect", "own-connect-guide",
    "own-sign-ins", "own-vanished", "own-connect-profile", "own-connect-watch", "own-connect-test",
    "own-deliveries", "own-delivery",
    "own-connect-hand", "own-connect-share", "own-connect-share-end", "own-connect-send",
    "own-connect-sheet", "own-connect-sheet-pdf", "own-support",
    "own-checklist", "own-learn", "own-learn-article", "own-learn-glossary", "own-learn-which", "own-helpful",
    "account_login",
}  # fmt: skip
OF_THE_STEP = OF_ALL | {
    "second-step", "profile", "account_login", "account_reauthenticate", "mfa_index", "mfa_activate_totp",
    "mfa_add_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_view_recovery_codes",
    "mfa_download_recovery_codes", "mfa_generate_recovery_codes",
}  # fmt: skip
OF_THE_ASLEEP = OF_THE_STEP | {
    "asleep", "usersessions_list", "session-end", "account_change_password", "account_email",
    "account_confirm_email", "mfa_authenticate", "mfa_list_webauthn", "mfa_remove_webauthn",
    "mfa_edit_webauthn", "mfa_deactivate_totp", "notices",
}  # fmt: skip

NOT_FOUND = 404


class GateMiddleware:
    """Stands before CsrfViewMiddleware; ``request.user`` is there when views are about to run."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """allauth leads everybody from a 404 at /accounts/ on to a page: not those who shall find none."""
        response = self.get_response(request)
        if getattr(request, "gate_shut", False) and response.status_code != NOT_FOUND:
            raise Http404
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        match = request.resolver_match
        name = match.url_name if match and not match.namespaces else ""
        if name in OF_ALL:
            return None
        user: Any = request.user
        if not user.is_authenticated:
            return None
        if not isinstance(user, User):
            request.front_page = user.front_page  # type: ignore[attr-defined]  # read by panel.errors
            if name not in OF_MAILBOXES:
                request.gate_shut = True  # type: ignore[attr-defined]  # read above
                raise Http404
        elif lacks_second_step(user):
            if name not in OF_THE_STEP:
                return _led(request, "second-step", _("Set up your second step first."))
        elif name not in OF_THE_ASLEEP and only_asleep(user):
            return _led(request, "asleep", _("Your account is suspended."))
        return None


def _led(request: HttpRequest, to: str, why: str) -> HttpResponse:
    """There with a GET; what was sent is refused, so that nobody thinks it was done."""
    if request.method in {"GET", "HEAD"} and not getattr(request, "htmx", False):
        return redirect(to)
    raise Denied(why)
