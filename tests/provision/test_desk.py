"""The provider's desk: admin pages and the node command."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from nodeagent import contract
from provision import kinds
from provision.admin import masked
from provision.models import Node, Push
from tests.provision.conftest import Wire, key, row
from tests.provision.fakenode import FakeNode, outcome
from tests.provision.test_badge import signed_in

Edit = Callable[..., None]
Take = Callable[[Any], None]
PUBLIC_KEY = base64.b64encode(bytes(32)).decode()


def as_pushed(key: str) -> contract.State | None:
    payload = Push.objects.get(key=key).payload
    return None if payload is None else contract.from_payload("mailbox", payload)


@pytest.fixture
def failed(edit: Edit, node: FakeNode, wire: Wire, take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    edit("ana", "ben")
    wire.batches()
    take(node.report(outcomes=[outcome(key(), row().sent_rev, error="the disk is full")]))
    monkeypatch.setitem(kinds._kinds, "mailbox", kinds.Kind(name="mailbox", desired=as_pushed))


@pytest.mark.usefixtures("failed")
@pytest.mark.parametrize(("state", "count"), [("failed", 1), ("behind", 2), ("live", 0)])
def test_pushes_by_state(state: str, count: int, admin: User) -> None:
    html = signed_in(admin).get("/admin/provision/push/", {"state": state}).content.decode()
    assert html.count('name="_selected_action"') == count
    assert ("the disk is full" in html) == (count > 0)


@pytest.mark.usefixtures("failed")
def test_retry_from_admin(admin: User, wire: Wire, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(admin).post("/admin/provision/push/", {"action": "retry", "_selected_action": [row().pk]})
    assert row().last_error == ""
    assert row().actor == admin
    assert len(wire.batches()) == 1


@pytest.mark.usefixtures("failed")
def test_a_push_is_shown_without_its_secrets(admin: User) -> None:
    html = signed_in(admin).get(f"/admin/provision/push/{row().pk}/change/").content.decode()
    assert "example.test/ana" in html
    assert "ARGON2ID" not in html


def test_masking() -> None:
    assert masked({"a": [{"api_token": "x", "b": 1}], "password_hash": "x"}) == {
        "a": [{"api_token": "…", "b": 1}],
        "password_hash": "…",
    }


@pytest.mark.usefixtures("failed")
def test_nodes_show_what_waits(admin: User) -> None:
    html = signed_in(admin).get("/admin/provision/node/").content.decode()
    assert "?state=behind&amp;node__id__exact=" in html
    assert ">2</a>" in html
    Node.objects.update(trouble="its clock says 1999")
    assert "its clock says 1999" in signed_in(admin).get("/admin/provision/node/").content.decode()
    page = signed_in(admin).get(f"/admin/provision/node/{Node.objects.get().pk}/change/")
    assert page.status_code == 200
    assert "ingest_token_hash" not in page.content.decode()


def test_customers_see_no_desk(ana: User) -> None:
    assert signed_in(ana).get("/admin/provision/push/").status_code in {302, 403, 404}


def node_add(name: str = "mail1", **options: Any) -> str:
    out = StringIO()
    given = {
        "roles": "mail,dns",
        "host": "mail1.postroom.test",
        "address": ["192.0.2.1"],
        "ports": '{"imap": 1143}',
        "public_key": PUBLIC_KEY,
        "ingest_token_hash": "ab" * 32,
    }
    call_command("node", "add", name, **given | options, stdout=out)
    return out.getvalue()


def test_node_add_is_idempotent(db: None) -> None:
    assert "added" in node_add()
    Push.objects.create(
        node=Node.objects.get(), key="mailbox/a@b.test", kind="mailbox", next_try_at="2030-01-01T00:00Z"
    )
    assert "up to date" in node_add(ports='{"imap": 2143}')
    node = Node.objects.get()
    assert (node.roles, node.ports, node.addresses) == (["dns", "mail"], {"imap": 2143}, ["192.0.2.1"])
    assert node.pushes.filter(kind="mailbox").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Not A Name"}, "name"),
        ({"roles": "web"}, "roles"),
        ({"roles": ""}, "roles"),
        ({"ports": "[]"}, "ports"),
        ({"ports": '{"imap": 0}'}, "ports"),
        ({"ports": "{"}, "--ports"),
        ({"public_key": "AAAA"}, "public_key"),
        ({"public_key": "not base64"}, "public_key"),
        ({"address": ["300.1.2.3"]}, "addresses"),
    ],
)
def test_node_add_refuses(change: dict[str, Any], field: str, db: None) -> None:
    with pytest.raises(CommandError, match=field):
        node_add(**change)
    assert not Node.objects.exists()


@pytest.mark.usefixtures("failed")
def test_node_list() -> None:
    out = StringIO()
    call_command("node", "list", stdout=out)
    assert "mail1" in out.getvalue()
    assert "2 waiting" in out.getvalue()
