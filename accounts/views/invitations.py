"""Behind an invitation's link. Without a link that works there is nothing here."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.models import Invitation, User
from accounts.team import invitations as services
from accounts.team.forms import NewPersonForm
from lib.errors import Refused


@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = services.invitation_by(token)
    if found is None:
        raise Http404
    if isinstance(request.user, User):
        response = _as_person(request, found, token, request.user)
    elif User.objects.filter(email=found.email).exists():
        response = _page(request, found, "sign_in")
    else:
        response = _as_new(request, found, token)
    # The address of this page is a secret: no referrer carries it, not even to ourselves. Not no-referrer:
    # browsers would then send the form with "Origin: null", which is refused as forged.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _as_person(request: HttpRequest, found: Invitation, token: str, user: User) -> HttpResponse:
    if user.email.lower() != found.email:
        return _page(request, found, "other", status=403 if request.method == "POST" else 200)
    if request.method != "POST":
        return _page(request, found, "accept")
    try:
        place = services.invitation_accept(actor=user, token=token)
    except Refused as refused:
        return _page(request, found, "accept", refusal=refused.message)
    if place is None:
        raise Http404
    messages.success(request, _("You are in %(account)s now.") % {"account": found.account.name})
    return redirect("home")


def _as_new(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    form = NewPersonForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, found, "new", form=form)
    try:
        user = services.invitation_accept_new(
            token=token, language=getattr(request, "language_wanted", ""), **form.cleaned_data
        )
    except Refused as refused:
        form.refuse(refused)
        return _page(request, found, "new", form=form)
    if user is None:
        raise Http404
    response: HttpResponse = perform_login(request, user)
    return response


def _page(
    request: HttpRequest,
    found: Invitation,
    state: str,
    *,
    form: NewPersonForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """``state``: accept, other (somebody else is signed in), sign_in or new."""
    context = {
        "invitation": found,
        "domains": services.domains_of(found),
        "state": state,
        "form": form,
        "refusal": refusal,
    }
    return render(request, "team/invitation.html", context, status=status)
