"""allauth's forms with our counting of tries. Named in settings (ACCOUNT_FORMS, MFA_FORMS)."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.account.models import Login
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import prefs
from accounts.adapter import AccountAdapter
from accounts.models import User
from accounts.signin import throttle, tries
from lib.passwords import matches
from mailboxes.people import FRONT_PAGE, MailboxUser
from panel.signin import door
from panel.signin.reset import reset_ask
from panel.signin.sessions import mailbox_session

LONGEST = 1024  # characters of a password; more is no password


class LoginForm(account.LoginForm):  # type: ignore[misc]  # allauth is untyped
    """People and mailbox users, told apart by whose password it is."""

    box: MailboxUser | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].max_length = LONGEST

    def _clean_with_password(self, credentials: dict[str, str]) -> dict[str, Any]:
        found = door.who(self.request, credentials["email"], credentials["password"])
        if found is None:
            raise AccountAdapter(self.request).validation_error("email_password_mismatch")
        if isinstance(found, MailboxUser):
            self.box = found
        else:
            self.user = found
            self._login = Login(user=found, email=found.email)
        return dict(self.cleaned_data)

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        if self.box is None:
            answer: HttpResponse = super().login(request, redirect_url)
            return answer
        mailbox_session(request, self.box)
        wanted = redirect_url or ""
        answer = redirect(wanted if wanted.startswith(FRONT_PAGE) else FRONT_PAGE)
        return prefs.remember(answer, language=self.box.language or None)


class _NewPassword:
    """Errors name the fields by the words that stand above them."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {"oldpassword": _("Password until now"), "password1": _("New password")}
        for name, label in (words | {"password2": _("The same once more")}).items():
            if name in self.fields:
                self.fields[name].label = label


class ResetPasswordKeyForm(_NewPassword, account.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ChangePasswordForm(_NewPassword, account.ChangePasswordForm):  # type: ignore[misc]
    def clean_oldpassword(self) -> str:
        typed: str = self.cleaned_data["oldpassword"]
        hashes = [self.user.password]
        with tries.counted(context.request, throttle.PASSWORD, self.user.email, hashes) as one:
            if not matches(self.user.password, typed):
                raise AccountAdapter().validation_error("enter_current_password")
            one.right()
        return typed


class ResetPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]
    """The same for every address: counted, written down, and looked up when the mail is made."""

    def clean_email(self) -> str:
        typed = door.written_the_same(self.cleaned_data["email"])
        with tries.counted(context.request, throttle.RESET, typed):
            return typed

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        address: str = self.cleaned_data["email"]
        reset_ask(address=address)
        return address


class _Counted:
    """A code or a key that is asked for. ``user``: of the form; whoever gets here knew the password."""

    user: User

    def _counted(self, check: Any) -> Any:
        with tries.counted(context.request, throttle.CODE, self.user.email, [self.user.password]) as one:
            found = check()
            one.right()
        return found


class AuthenticateForm(_Counted, mfa.AuthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        return str(self._counted(super().clean_code))


class ReauthenticateForm(_Counted, mfa.ReauthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        return str(self._counted(super().clean_code))


class ActivateTOTPForm(_Counted, totp.ActivateTOTPForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        return str(self._counted(super().clean_code))


class AuthenticateWebAuthnForm(_Counted, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        return self._counted(super().clean_credential)


class ReauthenticateWebAuthnForm(_Counted, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        return self._counted(super().clean_credential)
