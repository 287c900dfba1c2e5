"""A person's own pages."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import prefs, services
from accounts.forms import ProfileForm, ThemeForm
from accounts.models import Membership, User
from lib.back import back_to


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)  # noqa: S101 - LoginRequiredMiddleware; told to the type checker
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, user=person)
    if request.method == "POST" and form.is_valid():
        saved = services.profile_set(actor=person, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return prefs.remember(redirect("profile"), theme=saved.theme, language=saved.language)
    places = Membership.objects.filter(user=person).select_related("account").order_by("account__name", "pk")
    return render(request, "account/profile.html", {"form": form, "places": places})


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the device says: for the person who is signed in, and for this browser."""
    form = ThemeForm(request.POST)
    chosen = form.cleaned_data["theme"] if form.is_valid() else ""
    if isinstance(request.user, User):
        services.profile_set(actor=request.user, theme=chosen)
    return prefs.remember(back_to(request), theme=chosen)
