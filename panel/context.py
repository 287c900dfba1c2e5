"""What the frame around every page needs."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, cached_property

from accounts.branding.select import Shown, brand_seen_by
from accounts.models import Domain
from accounts.prefs import theme_of
from panel.middleware.host import brand_at

SWITCHER = 9  # domains in the switcher before it offers a search


class Shell:
    """Asked for by the top bar only, so a page without one costs no query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _found(self) -> list[Domain]:
        return list(
            Domain.objects.visible_to(self._request.user)
            .only("name", "display_name")
            .order_by("name")[: SWITCHER + 1]
        )

    @property
    def domains(self) -> list[Domain]:
        return self._found[:SWITCHER]

    @property
    def more_domains(self) -> bool:
        return len(self._found) > SWITCHER


def shell(request: HttpRequest) -> dict[str, object]:
    return {
        "shell": Shell(request),
        "provider": settings.PROVIDER_NAME,
        "brand": SimpleLazyObject(lambda: _brand(request)),  # a page without it costs nothing
        "theme": theme_of(request),
    }


def _brand(request: HttpRequest) -> Shown | None:
    """The Host's; on the provider's own, that of the person."""
    user = getattr(request, "user", None)
    return brand_at(request) or (brand_seen_by(user) if user is not None else None)
