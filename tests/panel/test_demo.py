"""The demo provider: made once, mended ever after, and its sign-ins are always true."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Account, Domain, User
from mailboxes.models import Mailbox
from panel.demo import DOMAIN
from provision.models import Push
from tests.factories import NodeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("POSTROOM_ENDPOINTS", raising=False)
    NodeFactory.create()
    return tmp_path / "demo.json"


def made(out: Path) -> dict[str, Any]:
    call_command("demo", "--out", str(out), verbosity=0)
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def test_it_makes_people_domains_and_mailboxes_that_only_root_can_read(out: Path) -> None:
    found = made(out)

    assert [row["role"] for row in found["sign_ins"]] == [
        "admin",
        "reseller",
        "client",
        "customer",
        "customer2",
    ]
    assert {box["address"] for box in found["mailboxes"]} >= {f"ines@{DOMAIN}", f"pedidos@{DOMAIN}"}
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert User.objects.get(email="admin@postroom.test").is_superuser
    assert Account.objects.get(memberships__user__email="client@postroom.test").reseller is not None
    assert Push.objects.filter(key=f"mailbox/ines@{DOMAIN}").exists()


def test_every_password_signs_in_at_the_panel(out: Path) -> None:
    for row in made(out)["sign_ins"]:
        assert Client().login(email=row["login"], password=row["password"])


def test_a_second_start_changes_nothing(out: Path) -> None:
    first = made(out)
    revisions = dict(Push.objects.values_list("key", "desired_rev"))

    assert made(out) == first
    assert dict(Push.objects.values_list("key", "desired_rev")) == revisions
    assert Domain.objects.count() == 2


def test_lost_or_changed_passwords_are_made_true_again(out: Path) -> None:
    first = made(out)
    customer = User.objects.get(email="customer@postroom.test")
    customer.set_password("something-else-91")
    customer.save()
    revision = Push.objects.get(key=f"mailbox/ines@{DOMAIN}").desired_rev
    Mailbox.objects.filter(local="ines").update(
        password_hash="{ARGON2ID}$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"
    )

    assert made(out) == first
    assert User.objects.get(pk=customer.pk).check_password(
        next(row["password"] for row in first["sign_ins"] if row["role"] == "customer")
    )
    assert Push.objects.get(key=f"mailbox/ines@{DOMAIN}").desired_rev > revision

    out.write_text("{ not json")
    again = made(out)
    assert again != first
    for row in again["sign_ins"]:
        assert Client().login(email=row["login"], password=row["password"])
