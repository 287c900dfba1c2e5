"""A forgotten password: asked for in the request, answered by mail later. No token is kept anywhere.

What happens in the request does not depend on whether anybody has the address; the link is made when the mail
is (notices.kinds), for the person who has the address then, or not at all.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.branding.select import brand_of_user, panel_url_for
from accounts.models import User
from lib import languages
from notices.models import Notice
from notices.services import notice_send

KIND = "reset"
AT_MOST = 5  # links an hour to one address: each holds until it is used, so more help nobody


@transaction.atomic
def reset_ask(*, address: str) -> None:
    """One row an address, whoever has it; is it nobody's, its mail is never made."""
    an_hour_ago = timezone.now() - dt.timedelta(hours=1)
    asked = Notice.objects.filter(kind=KIND, to=address, created_at__gt=an_hour_ago).count()
    person = User.objects.filter(email=address).first()
    brand = brand_of_user(person or User(pk=0))  # the same queries for nobody
    if asked < AT_MOST:
        context = {"address": address, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
        language = languages.first_known(person.language if person else "", brand.get("language"))
        notice_send(kind=KIND, to=address, context=context, brand=brand, language=language)


def links(context: dict[str, Any]) -> dict[str, Any] | None:
    """The single-use link: it dies with the password, with a sign-in, or after PASSWORD_RESET_TIMEOUT."""
    person = User.objects.filter(email=context["address"], is_active=True).first()
    if person is None:
        return None
    key = default_token_generator.make_token(person)
    uid = user_pk_to_url_str(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
    return {"url": f"{panel_url_for(person)}{path}"}
