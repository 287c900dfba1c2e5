"""Signing in to the panel."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from accounts.models import Membership, User
from accounts.models.places import place_rows


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth is untyped
    """The person of a session comes with their places, in one query."""

    def get_user(self, user_id: int) -> User | None:
        mine = place_rows(Membership.objects.filter(user=OuterRef("pk")))
        user = User.objects.annotate(places_found=ArraySubquery(mine)).filter(pk=user_id).first()
        return user if self.user_can_authenticate(user) else None
