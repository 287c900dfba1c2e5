"""What somebody may work with: found, or the 404 or 403 that it is to be."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.access.rights import WORDS, Right, is_provider, require, rights_at, widest
from accounts.models import Account, Domain
from accounts.models.places import Places, places_of
from lib.errors import Denied


def accounts_with(user: Any, right: Right) -> list[Account]:
    """The accounts that the person is a member of (or acts for) and has ``right`` in, by name; not clients.
    One query."""
    keys = [place.account for place in places_of(user).places if right in rights_at(place, None)]
    return list(Account.objects.filter(pk__in=keys).order_by("name", "pk")) if keys else []


def accounts_where(user: Any, right: Right) -> QuerySet[Account]:
    """Every account that the person sees, clients too, and has ``right`` in."""
    rows: QuerySet[Account] = Account.objects.visible_to(user)
    if not user.is_authenticated or is_provider(user):
        return rows
    keys = [place.account for place in places_of(user).places if right in rights_at(place, None)]
    return rows.filter(Q(pk__in=keys) | Q(reseller__in=keys))


def domains_where(user: Any, right: Right) -> QuerySet[Domain]:
    """Every domain that the person sees and has ``right`` for."""
    rows: QuerySet[Domain] = Domain.objects.visible_to(user)
    if not user.is_authenticated or is_provider(user):
        return rows
    places = tuple(place for place in places_of(user).places if right in widest(place))
    return rows.filter(Places(places).domain_filter())


def domain_or_404(request: HttpRequest, name: str, right: Right, rows: Any = None) -> Domain:
    """The domain of this name, if the person sees it; Denied if they see it and lack ``right``. ``rows``: a
    queryset with more joined in."""
    rows = Domain.objects.select_related("account__reseller") if rows is None else rows
    domain: Domain = get_object_or_404(rows.visible_to(request.user), name=name)
    require(request.user, right, account=domain.account, domain=domain)
    return domain


def account_or_404(request: HttpRequest, pk: int, right: Right) -> Account:
    """As domain_or_404, for an account."""
    rows = Account.objects.visible_to(request.user).select_related("reseller", "plan")
    account: Account = get_object_or_404(rows, pk=pk)
    require(request.user, right, account=account)
    return account


def one_account_or_404(request: HttpRequest, right: Right) -> Account:
    """The account that a page about "your account" is for: ``?account=``, else the first with ``right``."""
    found = accounts_with(request.user, right)
    wanted = request.GET.get("account", "")
    chosen = next((account for account in found if str(account.pk) == wanted), None)
    if wanted and chosen is None:
        raise Http404
    if chosen is None and not found:
        raise Denied(WORDS[right]())
    return chosen or found[0]
