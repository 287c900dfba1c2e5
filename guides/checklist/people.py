"""Who may change the domain: do they sign in with a second step? Nobody is named."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Domain, Membership
from guides.checklist.points import Point
from lib.templatetags.ui import count

STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def of_people(domain: Domain, *, url: str) -> Point:
    """One query. Owners, and managers of this domain, of its own account."""
    second = Authenticator.objects.filter(user=OuterRef("user"), type__in=STEPS)
    places = Membership.objects.filter(account=domain.account_id, user__is_active=True).filter(
        Q(role=Membership.Role.OWNER)
        | Q(role=Membership.Role.MANAGER) & (Q(all_domains=True) | Q(domains=domain.pk))
    )
    counted = places.annotate(second=Exists(second)).aggregate(
        all=Count("user", distinct=True), good=Count("user", distinct=True, filter=Q(second=True))
    )
    lack = counted["all"] - counted["good"]
    said = ngettext(
        "%(n)s person who may change this domain has no second step.",
        "%(n)s people who may change this domain have no second step.",
        lack,
    )
    return Point(
        key="second-step",
        title=_("Everybody who may change things has a second step"),
        met=not lack if counted["all"] else None,
        found=said % {"n": count(lack)} if lack else _("All of them have one."),
        why=_("With a second step a stolen password alone does not open the panel, and so not your mail."),
        weight=15,
        action=_("Set up a second step"),
        url=url,
        learn="passwords",
    )
