"""After a journey with known secrets no history holds any of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation
from lib.history import safe_path
from mailboxes import services
from notices.services import notices_deliver
from tests.activity.conftest import House, visit

pytestmark = pytest.mark.django_db

PASSWORD, NEW, BOX = "harina-violeta-91", "otra-harina-roja-7", "trigo-azul-limon-33"


def _kept() -> str:
    """Every row of every history, its contexts, the activity and the outbox, as text."""
    tables = [model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    tables += ["pghistory_context", "activity_entry", "notices_notice", "django_admin_log"]
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")  # noqa: S608 - our own tables' names
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_a_journey_leaves_no_secret(luna: House, mailoutbox: Any) -> None:
    luna.owner.set_password(PASSWORD)
    luna.owner.save()
    visit(luna.owner).post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )
    services.mailbox_set_password(actor=luna.owner, mailbox=luna.box, password=BOX)
    Client().post(reverse("account_reset_password"), {"email": luna.owner.email})
    notices_deliver()
    luna.owner.refresh_from_db()
    luna.box.refresh_from_db()
    kept = _kept()
    assert luna.owner.email in kept
    secrets = [PASSWORD, NEW, BOX, luna.owner.password, luna.box.password_hash, "argon2id"]
    secrets += [word for mail in mailoutbox for word in mail.body.split() if "/reset/key/" in word]
    secrets += list(Invitation.objects.values_list("nonce", flat=True))
    for secret in secrets:
        assert secret not in kept, secret


def test_tokens_of_paths_are_cut_out() -> None:
    path = "/accounts/password/reset/key/1a-abc123-def/"
    assert safe_path(path, {"uidb36": "1a", "key": "abc123-def"}) == "/accounts/password/reset/key/…-…/"
    assert safe_path("/invitations/tok/", {"token": "tok"}) == "/invitations/…/"
    assert safe_path("/domains/luna.test/", {"name": "luna.test"}) == "/domains/luna.test/"
