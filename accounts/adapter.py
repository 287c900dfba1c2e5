"""What allauth asks of us."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailConfirmation
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import prefs
from accounts.backends import SECOND_STEPS
from accounts.branding.select import brand_of_user
from accounts.models import User
from accounts.signin import sessions as signing_in
from accounts.signin import throttle, tries
from accounts.signin.rules import needs_second_step
from lib.passwords import matches
from notices.services import notice_send


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Accounts are made by the provider, by resellers and by invitation, never by a visitor."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "The address or the password is not right. Try again, or get a new password."
        ),
        "incorrect_password": _("That is not your password. Try again."),
        "enter_current_password": _("That is not your password until now. Type it again."),
        "incorrect_code": _("That code is not right. Type the one that the app shows now."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then try again."),
        "rate_limited": _("Too many tries. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Signing in goes through panel.signin.door; nothing else may look at passwords by name."""
        raise NotImplementedError

    def reauthenticate(self, user: User, password: str) -> bool:
        """Counted like a sign-in: a stolen session is no place to guess from."""
        with tries.counted(self.request, throttle.PASSWORD, user.email, [user.password]) as one:
            right = matches(user.password, password)
            if right:
                one.right()
        return right

    def login(self, request: HttpRequest, user: User) -> None:
        """Every step is done: this browser and this place are known from now on."""
        super().login(request, user)
        signing_in.session_note(request)
        signing_in.let_in(request, user.email, user.password)
        signing_in.place_note(
            user=user,
            address=signing_in.address_of(request),
            user_agent=request.headers.get("User-Agent", ""),
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """``front_page``: mailbox users have one of their own."""
        return str(getattr(request.user, "front_page", None) or super().get_login_redirect_url(request))

    def is_safe_url(self, url: str) -> bool:
        """Only the host that the visitor came by, and only over TLS where they came so."""
        request = self.request
        host, secure = {request.get_host()}, request.is_secure()
        return url_has_allowed_host_and_scheme(url, allowed_hosts=host, require_https=secure)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """This browser learns what the person chose elsewhere."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return prefs.remember(response, theme=user.theme, language=user.language or None)

    def set_password(self, user: User, password: str) -> None:
        """Changed or reset: every other session ends. Device cookies hold the old one's print, and are void;
        this browser gets a new one if it is signed in as the person."""
        super().set_password(user, password)
        request = self.request
        mine = isinstance(request.user, User) and request.user.pk == user.pk
        signing_in.sessions_end(user=user, keep=request.session.session_key or "" if mine else "")
        if mine:
            signing_in.let_in(request, user.email, user.password)
        signing_in.password_told(user=user, request=request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Every mail goes through notices: none leaves while somebody waits for a page."""
        raise NotImplementedError(template_prefix)

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: EmailConfirmation, signup: bool
    ) -> None:
        row = emailconfirmation.email_address
        brand = brand_of_user(row.user)
        context = {"email_address": row.pk}
        notice_send(kind="confirm_address", to=row.email, user_id=row.user_id, context=context, brand=brand)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """To the old address when there is a new one; what else matters is told by signing_in."""
        if template_prefix.endswith("/email_changed") and context and email:
            values = {"before": context["from_email"], "now": context["to_email"]}
            brand = brand_of_user(user)
            notice_send(kind="address_changed", to=email, user_id=user.pk, context=values, brand=brand)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Secrets of second steps are encrypted in the database: a dump alone signs nobody in."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That code is not right. Type the one that the app shows now."),
        "cannot_delete_authenticator": _(
            "Your provider asks for a second step at your sign-in. Set up another one first, then take this "
            "one away."
        ),
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last one stays where the provider asks for one."""
        others = Authenticator.objects.filter(user=authenticator.user_id, type__in=SECOND_STEPS)
        if others.exclude(pk=authenticator.pk).exists():
            return True
        asked = getattr(self.request, "user", None)
        return not needs_second_step(asked if isinstance(asked, User) else authenticator.user)


def _box() -> MultiFernet:
    """Keyed by SECRET_KEY; the ones before it (SECRET_KEY_FALLBACKS) still open what they closed."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"postroom.mfa:" + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
