"""A node's keys and tokens are for that node alone, and what it says beyond its keys is not heard."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nodeagent.contract import CONTRACT
from provision.joining import users
from provision.models import Node, Push
from tests.provision.conftest import Wire, key, row
from tests.provision.fakenode import FakeNode, outcome

pytestmark = pytest.mark.django_db
KEY = base64.b64encode(b"k" * 32).decode()
FIELDS = ("public_key", "sealing_key", "ingest_token_hash", "broker_hash")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def said(**other: Any) -> dict[str, Any]:
    usual = {"contract": CONTRACT, "node": "mail7", "public_key": KEY, "sealing_key": KEY}
    return usual | {"ingest_token_hash": sha("i"), "broker_hash": sha("b")} | other


def post(body: Any) -> Any:
    return Client().post(
        "/nodes/v1/join",
        body if isinstance(body, bytes) else json.dumps(body),
        content_type="application/json",
        secure=True,
        headers={"Authorization": "Bearer t"},
    )


@pytest.fixture
def invited(monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setattr(users, "let_in", lambda nodes: None)
    return Node.objects.create(
        name="mail7", host="mail7.test", roles=["mail"], addresses=["192.0.2.7"], join_hash=sha("t")
    )


def test_beyond_its_keys_it_says_nothing(invited: Node) -> None:
    more = {"roles": ["dns"], "host": "evil.test", "addresses": ["192.0.2.66"], "pool": "x"}
    assert post(said(**more, ports={"imap": 1}, name="mail8", draining=True, id=1)).status_code == 200
    node = Node.objects.get()
    assert (node.name, node.host, node.roles, node.addresses) == (
        "mail7",
        "mail7.test",
        ["mail"],
        ["192.0.2.7"],
    )
    assert (node.ports, node.pool, node.draining, node.public_key) == ({}, "", False, KEY)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys((*FIELDS, "node", "contract"), JSON)))
def test_any_json_is_refused_and_keeps_nothing(invited: Node, spoil: dict[str, Any]) -> None:
    spoilt = {name: value for name, value in spoil.items() if name != "contract"}
    body = said(**spoil)
    expected = {200} if not spoilt or body == said(contract=body["contract"]) else {400, 404}
    assert post(body).status_code in expected
    if expected != {200}:
        assert Node.objects.get().public_key == ""
    Node.objects.update(**dict.fromkeys(FIELDS, ""))


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | JSON.map(lambda found: json.dumps(found).encode()))
def test_any_body_is_a_404(invited: Node, body: bytes) -> None:
    assert post(body).status_code == 404


def test_a_report_that_another_node_signed(node: FakeNode, edit: Any, wire: Wire, take: Any) -> None:
    other = FakeNode("mail2")
    edit("ana")
    mine = node.report(outcomes=[outcome(key(), row().desired_rev)])
    take({**other.sign(mine["body"]), "node": "mail1"})
    take({**mine, "node": "mail2"})
    take(other.report(outcomes=[outcome(key(), row().desired_rev)]))
    assert Push.objects.get().applied_rev == 0
    take(mine)
    assert row().applied_rev == row().desired_rev


def test_an_invited_node_has_no_voice_yet(node: FakeNode, edit: Any, wire: Wire, take: Any) -> None:
    edit("ana")
    Node.objects.update(public_key="")
    take(node.report(outcomes=[outcome(key(), row().desired_rev)]))
    assert row().applied_rev == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["mail8", "--host", "a.test", "--roles", "web"],
        ["mail8", "--host", "a.test", "--ports", "{"],
        ["mail8", "--host", "a.test", "--ports", '{"imap": 99999}'],
        ["mail8", "--host", "a.test", "--ports", '{"imap": true}'],
        ["mail8", "--host", "a.test", "--address", "nowhere"],
        ["mail8", "--host", "a.test", "--token-hash", "secret"],
        ["mail8"],
        [],
    ],
)
def test_an_invitation_that_is_wrong_makes_no_node(wrong: list[str], invited: Node) -> None:
    with pytest.raises(CommandError):
        call_command("node", "invite", *wrong)
    assert [each.name for each in Node.objects.all()] == ["mail7"]


def test_the_token_is_shown_once_and_not_kept(capsys: Any, invited: Node) -> None:
    call_command("node", "invite", "mail8", "--host", "mail8.test")
    token = capsys.readouterr().out.rsplit(": ", 1)[1].strip()
    node = Node.objects.get(name="mail8")
    assert node.join_hash == sha(token)
    assert token not in json.dumps(Node.objects.filter(pk=node.pk).values().get(), default=str)
    call_command("node", "list")
    assert token not in capsys.readouterr().out
