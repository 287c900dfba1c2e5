"""Who is in an account. What is another account's is a 404 before anything is asked; then who may, then
whether it is really them (allauth asks for the password again)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import team as services
from accounts.access import (
    Right,
    account_or_404,
    accounts_with,
    one_account_or_404,
    rank_in,
    require,
)
from accounts.models import Account, Invitation, Membership
from accounts.team import invitations
from accounts.team.forms import ALL, SOME, InviteForm, PlaceForm
from accounts.team.listing import team_of
from lib.errors import Refused


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
def _really_them(request: HttpRequest) -> None:
    """Raises what allauth answers by asking for the password, or a second step, once more."""


def _account(request: HttpRequest) -> Account:
    """``?account=``: one's own, or a client's; else the first of one's own."""
    wanted = request.GET.get("account", "")
    if not wanted:
        return one_account_or_404(request, Right.TEAM)
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        raise Http404
    return account_or_404(request, int(wanted), Right.TEAM)


def _there(account: Account) -> str:
    return f"{reverse('team')}?{urlencode({'account': account.pk})}"


@require_safe
def team(request: HttpRequest) -> HttpResponse:
    account = _account(request)
    context = {
        "account": account,
        "accounts": accounts_with(request.user, Right.TEAM),
        "team": team_of(request.user, account, request.GET.dict()),
    }
    return render(request, "team/team.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def team_invite(request: HttpRequest) -> HttpResponse:
    account = _account(request)
    _really_them(request)
    form = InviteForm(
        request.POST if request.method == "POST" else None,
        account=account,
        rank=rank_in(request.user, account),
    )
    if request.method == "POST" and form.is_valid():
        try:
            sent = invitations.invitation_send(actor=request.user, account=account, **form.values())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": sent.email})
            return redirect(_there(account))
    return render(request, "team/invite.html", {"account": account, "form": form, "back": _there(account)})


def _place(request: HttpRequest, member: int) -> Membership:
    rows = Membership.objects.visible_to(request.user).select_related("account__reseller", "user")
    place: Membership = get_object_or_404(rows, pk=member)
    return place


@require_http_methods(["GET", "HEAD", "POST"])
def team_change(request: HttpRequest, member: int) -> HttpResponse:
    place = _place(request, member)
    require(request.user, Right.TEAM, account=place.account)
    services.rank_check(request.user, place.account, place.role)
    _really_them(request)
    first = {
        "role": place.role,
        "reach": ALL if place.all_domains else SOME,
        "domains": list(place.domains.values_list("pk", flat=True)),
    }
    form = PlaceForm(
        request.POST if request.method == "POST" else None,
        initial=first,
        account=place.account,
        rank=rank_in(request.user, place.account),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.membership_set(actor=request.user, membership=place, **form.values())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("The place of %(name)s is changed.") % {"name": place.user})
            return redirect(_there(place.account))
    return render(request, "team/change.html", _about(place, form))


@require_http_methods(["GET", "HEAD", "POST"])
def team_remove(request: HttpRequest, member: int) -> HttpResponse:
    """Somebody else's place, for whoever may; one's own, for everybody."""
    place = _place(request, member)
    is_self = place.user_id == request.user.pk
    if not is_self:
        require(request.user, Right.TEAM, account=place.account)
        services.rank_check(request.user, place.account, place.role)
    _really_them(request)
    refusal = ""
    if request.method == "POST":
        try:
            services.membership_remove(actor=request.user, membership=place)
        except Refused as refused:
            refusal = refused.message
        else:
            return _gone(request, place, is_self=is_self)
    return render(request, "team/remove.html", _about(place) | {"is_self": is_self, "refusal": refusal})


def _gone(request: HttpRequest, place: Membership, *, is_self: bool) -> HttpResponse:
    if is_self:
        messages.success(request, _("You have left %(account)s.") % {"account": place.account.name})
        return redirect("home")
    messages.success(
        request,
        _("%(name)s is no longer in %(account)s.") % {"name": place.user, "account": place.account.name},
    )
    return redirect(_there(place.account))


def _about(place: Membership, form: PlaceForm | None = None) -> dict[str, Any]:
    return {"place": place, "account": place.account, "form": form, "back": _there(place.account)}


def _asked(request: HttpRequest, asked: int) -> Invitation:
    rows = Invitation.objects.visible_to(request.user).select_related("account__reseller")
    found: Invitation = get_object_or_404(rows, pk=asked)
    require(request.user, Right.TEAM, account=found.account)
    return found


@require_POST
def invitation_resend(request: HttpRequest, asked: int) -> HttpResponse:
    invitation = _asked(request, asked)
    _really_them(request)
    try:
        invitations.invitation_resend(actor=request.user, invitation=invitation)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(
            request,
            _("A new link is on its way to %(email)s. The one before is dead.") % {"email": invitation.email},
        )
    return redirect(_there(invitation.account))


@require_POST
def invitation_revoke(request: HttpRequest, asked: int) -> HttpResponse:
    invitation = _asked(request, asked)
    try:
        invitations.invitation_revoke(actor=request.user, invitation=invitation)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(
            request, _("The invitation of %(email)s is taken back.") % {"email": invitation.email}
        )
    return redirect(_there(invitation.account))
