"""``{% may "zone" domain as can_zone %}``: whether the person who looks at the page may do something, so that
it offers nothing that would be refused. Also with an account; with nothing: anywhere at all."""

from __future__ import annotations

from django import template

from accounts.access import Right, may_somewhere
from accounts.access import may as may_do
from accounts.access.rights import is_provider, rights_at
from accounts.models import Account, Domain
from accounts.models.places import places_of

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: template.Context, right: str, what: Account | Domain | None = None) -> bool:
    """No query, but one for a reseller's people where ``domain.account`` is not at hand."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return False
    if isinstance(what, Account):
        return may_do(user, Right(right), account=what)
    if what is None:
        return may_somewhere(user, Right(right))
    if is_provider(user):
        return True
    own = (place for place in places_of(user).places if place.account == what.account_id)
    if any(right in rights_at(place, what.pk) for place in own):
        return True
    return may_do(user, Right(right), account=what.account, domain=what)


@register.simple_tag(takes_context=True)
def may_own(context: template.Context, right: str) -> bool:
    """In an account that the person is in, or acts for: for links to pages about "your account". No query."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return False
    return any(right in rights_at(place, None) for place in places_of(user).places)
