"""All clients of a reseller: the list, a new one, one change of many, the export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clients.opening import account_open
from accounts.models import Account, Plan
from lib import csvs
from lib.errors import Refused
from panel.clients import bulk, export
from panel.clients.forms import ClientForm
from panel.clients.listing import OWN, STATES, ClientQuery, listing
from panel.clients.lookups import query_for, reseller_of


def _clients(reseller: Account) -> QuerySet[Account]:
    rows: QuerySet[Account] = Account.objects.filter(reseller=reseller)
    return rows


@require_safe
def clients(request: HttpRequest) -> HttpResponse:
    reseller = reseller_of(request)
    query = ClientQuery.of(request.GET.dict())
    found = listing(_clients(reseller), query)
    context = {
        "reseller": reseller,
        "here": query_for(request, reseller),
        "account_key": request.GET.get("account", ""),
        "listing": found,
        "query": query,
        "by": {column: query.sorted_by(column) for column in _SORTED},
        "plans": list(Plan.objects.filter(reseller=reseller).order_by("name").values_list("pk", "name")),
        "own": OWN,
        "states": STATES.items(),
    }
    return render(request, "clients/list.html", context)


_SORTED = ("name", "plan", "domains", "mailboxes", "storage", "sent", "problems")


@require_http_methods(["GET", "HEAD", "POST"])
def client_new(request: HttpRequest) -> HttpResponse:
    """Its owner is asked in by mail and chooses the password."""
    reseller = reseller_of(request)
    form = ClientForm(request.POST if request.method == "POST" else None, reseller=reseller)
    if request.method == "POST" and form.is_valid():
        try:
            account, invitation = account_open(actor=request.user, reseller=reseller, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            text = _("%(client)s is made. %(address)s gets an invitation, and signs in with it.")
            messages.success(request, text % {"client": account.name, "address": invitation.email})
            return redirect("client", account.pk)
    context = {
        "form": form,
        "reseller": reseller,
        "here": query_for(request, reseller),
        "no_plans": not Plan.objects.filter(reseller=reseller).exists(),
    }
    return render(request, "clients/new.html", context)


@require_safe
def clients_export(request: HttpRequest) -> StreamingHttpResponse:
    reseller = reseller_of(request)
    name = f"clients-{timezone.localdate():%Y-%m-%d}.csv"
    return csvs.streamed(export.rows(_clients(reseller)), name=name)


@require_POST
def clients_bulk(request: HttpRequest) -> HttpResponse:
    """The list posts what is ticked; the page that asks posts it again with ``sure``."""
    reseller = reseller_of(request)
    back = reverse("clients") + query_for(request, reseller)
    form = bulk.BulkForm(request.POST, clients=_clients(reseller), reseller=reseller)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(back)
    asked = form.asked(request.POST)
    seen = form.preview(asked)
    if asked.is_bound and asked.is_valid() and form.sure(request.POST, seen):
        try:
            messages.success(request, bulk.perform(request.user, form, asked))
            return redirect(back)
        except Refused as refused:
            asked.refuse(refused)
    context: dict[str, Any] = {"form": asked, "bulk": form, "back": back, "preview": seen}
    return render(request, "clients/bulk.html", context)
