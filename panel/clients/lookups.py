"""Whose clients, whose plans: found, or the 404 or 403 that it is to be."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.access import Right, account_or_404, is_provider, one_account_or_404, require
from accounts.models import Account, Plan
from lib.errors import Denied


def reseller_of(request: HttpRequest) -> Account:
    """The reseller whose clients the page is about: the person's own; for the provider ``?account=``."""
    if not is_provider(request.user):
        return one_account_or_404(request, Right.CLIENTS)
    wanted = request.GET.get("account", "")
    if not wanted:
        raise Denied(_("Choose a reseller at the provider’s desk, then look at its clients."))
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        raise Http404
    return get_object_or_404(Account, pk=int(wanted), kind=Account.Kind.RESELLER)


def client_or_404(request: HttpRequest, pk: int, *, deleted: bool = False) -> Account:
    """A client that the person looks after, or for the provider any account; deleted ones only if asked
    for."""
    account = account_or_404(request, pk, Right.CLIENTS)
    if account.reseller_id is None and not is_provider(request.user):
        raise Http404
    if account.deleted_at and not deleted:
        raise Http404
    return account


def plan_or_404(request: HttpRequest, pk: int) -> Plan:
    """A plan of a reseller that the person looks after clients for; for the provider any."""
    rows = Plan.objects.visible_to(request.user).select_related("reseller")
    plan: Plan = get_object_or_404(rows, pk=pk)
    if plan.reseller is not None:
        require(request.user, Right.CLIENTS, account=plan.reseller)
    return plan


def query_for(request: HttpRequest, reseller: Account) -> str:
    """What keeps the provider, or who has several resellers, at this one: ``?account=7`` or empty."""
    return f"?account={reseller.pk}" if "account" in request.GET else ""
