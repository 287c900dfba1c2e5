"""The switch in the foot of every page."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts import prefs, services
from accounts.forms import LanguageForm
from accounts.models import User
from lib.back import back_to
from mailboxes.people import MailboxUser
from mailboxes.services import own_language_set


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    """For the one who is signed in, on every device and in mails; and for this browser. What is no language
    of ours changes nothing. The page is for those who come from an error page."""
    if request.method != "POST":
        return render(request, "panel/language.html", {"languages": settings.LANGUAGES})
    form = LanguageForm(request.POST)
    chosen = form.cleaned_data["language"] if form.is_valid() else None
    if chosen and isinstance(request.user, User):
        services.profile_set(actor=request.user, language=chosen)
    elif chosen and isinstance(request.user, MailboxUser):
        own_language_set(user=request.user, language=chosen)
    return prefs.remember(back_to(request), language=chosen)
