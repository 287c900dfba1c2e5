"""The session of a mailbox user."""

from __future__ import annotations

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from accounts.signin import sessions as signing_in
from mailboxes.people import BACKEND, MailboxUser


def mailbox_session(request: HttpRequest, user: MailboxUser) -> None:
    """A new session that is this mailbox's, nothing of the one before in it. django.contrib.auth.login would
    write ``last_login`` to the row, which a mailbox has not."""
    request.session.flush()
    request.session[SESSION_KEY] = str(user.pk)
    request.session[BACKEND_SESSION_KEY] = BACKEND
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    request.session.set_expiry(0)
    rotate_token(request)
    signing_in.let_in(request, user.address, user.password_hash)


def mailbox_session_renew(request: HttpRequest, user: MailboxUser) -> None:
    """After its own new password: this session goes on, under a new key, and all others are over."""
    request.session.cycle_key()
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    signing_in.let_in(request, user.address, user.password_hash)
