"""Whose templates a page is about, and which one: found, or the 404 or 403 that it is to be."""

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.access import Right, is_provider, one_account_or_404, require
from accounts.models import Account
from dnszone.models import ZoneRollout, ZoneTemplate
from dnszone.views.base import Request


def owner_of(request: Request) -> Account | None:
    """A reseller: the person's own. For the provider: itself (None), or the reseller of ``?account=``."""
    if not is_provider(request.user):
        return one_account_or_404(request, Right.CLIENTS)
    wanted = request.GET.get("account", "")
    if not wanted:
        return None
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        raise Http404
    return get_object_or_404(Account, pk=int(wanted), kind=Account.Kind.RESELLER)


def template_or_404(request: Request, pk: int) -> ZoneTemplate:
    rows = ZoneTemplate.objects.visible_to(request.user).select_related("owner")
    found: ZoneTemplate = get_object_or_404(rows, pk=pk)
    _allowed(request, found)
    return found


def rollout_or_404(request: Request, pk: int) -> ZoneRollout:
    rows = ZoneRollout.objects.visible_to(request.user).select_related("template__owner")
    found: ZoneRollout = get_object_or_404(rows, pk=pk)
    _allowed(request, found.template)
    return found


def _allowed(request: Request, template: ZoneTemplate) -> None:
    if template.owner is not None:  # nobody but the provider sees its own
        require(request.user, Right.CLIENTS, account=template.owner)


def query_for(request: Request, owner: Account | None) -> str:
    """What keeps the provider, or who has several resellers, at this one: ``?account=7`` or empty."""
    several = owner is not None and ("account" in request.GET or is_provider(request.user))
    return f"?account={owner.pk}" if several and owner else ""
