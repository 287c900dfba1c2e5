"""A reseller, or the provider, takes a client's place for half an hour, and leaves it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Right, account_or_404
from accounts.clients.acting import acting_begin, may_act_for
from accounts.models import Account
from lib.errors import Refused
from panel.clients.forms import ActForm
from panel.middleware.acting import place_leave, place_take


@require_http_methods(["GET", "HEAD", "POST"])
def client_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what it means; a POST begins it. ``reason`` may stay empty."""
    account = account_or_404(request, pk, Right.CLIENTS)
    if not may_act_for(request.user, account):
        raise Http404
    form = ActForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = acting_begin(actor=request.user, account=account, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.refuse(refused)
        else:
            place_take(request, row)
            return redirect("home")
    return render(request, "clients/act.html", {"account": account, "form": form})


@require_POST
def acting_stop(request: HttpRequest) -> HttpResponse:
    """Back in one's own name, on the client's page."""
    pk = place_leave(request)
    client: Account | None = getattr(request.user, "acting_for", None)
    if pk is None or client is None:
        return redirect("home")
    messages.success(request, _("You no longer act for %(account)s.") % {"account": client.name})
    return redirect("client", pk) if client.reseller_id else redirect("home")
