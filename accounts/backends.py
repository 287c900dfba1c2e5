"""Signing in to the panel."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery

from accounts.models import Membership, SignInRules, User
from accounts.models.places import place_rows

# Recovery codes alone are none: they are for the day when the step is lost.
SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth is untyped
    """The person of a session comes with their places and what the rules for signing in ask, in one query."""

    def get_user(self, user_id: int) -> User | None:
        mine = place_rows(Membership.objects.filter(user=OuterRef("pk")))
        steps = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_STEPS)
        people = User.objects.annotate(
            places_found=ArraySubquery(mine),
            second_step_for=Subquery(SignInRules.objects.values("roles")[:1]),
            has_second_step=Exists(steps),
            is_member=Exists(Membership.objects.filter(user=OuterRef("pk"))),
        )
        user = people.filter(pk=user_id).first()
        if user is not None:
            user.own_places = user.places_found  # type: ignore[attr-defined]  # also while they act for a client
        return user if self.user_can_authenticate(user) else None
