"""A verb that a page does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from accounts.access import is_provider
from accounts.models import Account, Domain, DomainClaim, Invitation, Membership, Plan, User
from delivery.models import Alert, Entry, SavedFilter
from dnszone.models import ZoneRollout, ZoneTemplate
from provision.models import Node, Push

NOT_ALLOWED = 405
# What ``pk`` is the key of, by how the URL's name begins; what other parts of a path are keys of.
_BY_NAME: dict[str, Any] = {"client": Account, "plan": Plan, "push": Push, "track": Entry}
_BY_PART: dict[str, Any] = {
    "alert": Alert,
    "member": Membership,
    "asked": Invitation,
    "template": ZoneTemplate,
    "rollout": ZoneRollout,
    "saved": SavedFilter,
}


class VerbsMiddleware:
    """Views look at the verb before they look for the object. So that nobody meets a 405 at an address that
    is not theirs, it is a 404 there: the same for every verb, and for what does not exist. Stands innermost,
    where it is known for whom somebody acts; asks the database for nothing else than those answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        unknown = response.status_code == NOT_ALLOWED and isinstance(request.user, User)
        if unknown and not all(rows.exists() for rows in _named(request)):
            raise Http404
        return response


def _named(request: HttpRequest) -> Iterator[QuerySet[Any]]:
    """What the address is about, as far as the person sees it."""
    match = request.resolver_match
    for part, value in match.kwargs.items() if match and not match.namespaces else ():
        if part == "name":
            domains = Domain.objects.visible_to(request.user).filter(name=value).values("pk")
            claims = DomainClaim.objects.visible_to(request.user).filter(name=value).values("pk")
            yield domains.union(claims)
            continue
        if part == "node":  # a node's own pages are the provider's
            found = Node.objects.filter(name=value)
            yield found if is_provider(request.user) else found.none()
            continue
        begins = str(match.url_name).partition("-")[0] if match else ""
        model = _BY_NAME.get(begins) if part == "pk" else _BY_PART.get(part)
        if model is not None:
            yield model.objects.visible_to(request.user).filter(pk=value)
