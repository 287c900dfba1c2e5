"""Pages of mailbox users that need what lies beside or above mailboxes: devices, their session."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.signin import throttle, tries
from lib.errors import Refused
from lib.passwords import generate_password, strength
from mailboxes.forms import OwnPasswordForm
from mailboxes.people import FRONT_PAGE, MailboxUser
from mailboxes.services import own_password_set
from mailboxes.views.own import own_page
from panel.signin.sessions import mailbox_session_renew


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("present", "password")
@own_page
def password(request: HttpRequest, user: MailboxUser) -> HttpResponse:
    """Other sessions of the mailbox end with the old password; this one goes on."""
    if request.method == "POST" and "another" not in request.POST:
        form = OwnPasswordForm(request.POST, address=user.address)
        if form.is_valid() and _saved(request, user, form):
            messages.success(request, _("The password is changed. Give the new one to every device now."))
            return redirect(FRONT_PAGE)
    else:
        form = OwnPasswordForm(initial={"password": generate_password()}, address=user.address)
    word = strength(form["password"].value() or "")
    context = {"form": form, "strength": word, "mailbox": user, "nav": "password"}
    return render(request, "mailboxes/own/password.html", context)


def _saved(request: HttpRequest, user: MailboxUser, form: OwnPasswordForm) -> bool:
    values = form.cleaned_data
    try:
        with tries.counted(request, throttle.PASSWORD, user.address, [user.password_hash]) as one:
            own_password_set(user=user, present=values["present"], password=values["password"])
            one.right()
    except Refused as refused:
        form.refuse(refused)
    except ValidationError as waits:
        form.add_error(None, waits)
    else:
        mailbox_session_renew(request, user)
        return True
    return False
