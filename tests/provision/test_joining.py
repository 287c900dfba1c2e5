"""A node joins with its invitation, says its keys and no more, and gets at Redis what is its own alone."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from lib.errors import Refused
from nodeagent.contract import CONTRACT
from provision.broker import BrokerAway
from provision.joining import users
from provision.joining.services import Invitation, node_invite
from provision.models import Node, NodeRebuild

pytestmark = pytest.mark.django_db
# Others run beside on the same Redis.
A, B = (f"{letter}-{secrets.token_hex(4)}" for letter in "ab")
NAMES = (A, B)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def broker() -> Iterator[Any]:
    client: Any = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    yield client
    client.execute_command("ACL", "DELUSER", *NAMES)
    for name in NAMES:
        client.delete(f"node.{name}", f"report.{name}", f"unacked.{name}")
    client.close()


def invite(name: str, token: str) -> Node:
    return node_invite(
        Invitation(
            name=name,
            roles=["mail"],
            host=f"{name}.test",
            addresses=["192.0.2.1"],
            ports={},
            token_hash=sha(token),
        )
    ).node


def said(name: str, letter: str = "k", **other: Any) -> dict[str, Any]:
    key = base64.b64encode(letter.encode() * 32).decode()
    return {
        "contract": CONTRACT,
        "node": name,
        "public_key": key,
        "sealing_key": key,
        "ingest_token_hash": sha(f"ingest {name} {letter}"),
        "broker_hash": sha(f"broker {name} {letter}"),
    } | other


def post(token: str, body: Any) -> Any:
    raw = body if isinstance(body, (str, bytes)) else json.dumps(body)
    client = Client(enforce_csrf_checks=True)
    return client.post(
        "/nodes/v1/join",
        raw,
        content_type="application/json",
        secure=True,
        headers={"Authorization": f"Bearer {token}"},
    )


def as_node(name: str, letter: str = "k") -> Any:
    where = settings.CELERY_BROKER_URL
    admin = redis.Redis.from_url(where).connection_pool.connection_kwargs
    return redis.Redis(
        host=admin["host"],
        port=admin["port"],
        username=name,
        password=f"broker {name} {letter}",
        single_connection_client=True,
    )


def test_joins_again_with_the_same_and_with_new_keys(broker: Any) -> None:
    invite(A, "ta")
    assert post("ta", said(A)).status_code == 200
    first = Node.objects.get(name=A)
    assert as_node(A).llen(f"node.{A}") == 0
    assert post("ta", said(A)).status_code == 200
    assert not NodeRebuild.objects.exists()
    assert post("ta", said(A, "n")).status_code == 200
    again = Node.objects.get(name=A)
    assert again.public_key != first.public_key
    assert NodeRebuild.objects.count() == 1
    with pytest.raises(redis.AuthenticationError):
        as_node(A).ping()
    as_node(A, "n").ping()


def test_a_token_of_a_does_not_join_as_b(broker: Any) -> None:
    invite(A, "ta")
    invite(B, "tb")
    assert post("ta", said(B)).status_code == 404
    for token in ("", "x", sha("ta"), "\u00e9"):
        assert post(token, said(A)).status_code == 404
    assert Node.objects.exclude(public_key="").count() == 0


def test_an_invitation_made_anew_ends_the_one_before(broker: Any) -> None:
    invite(A, "ta")
    invite(A, "new")
    assert post("ta", said(A)).status_code == 404
    assert post("new", said(A)).status_code == 200
    key = Node.objects.get(name=A).public_key
    invite(A, "third")
    assert Node.objects.get(name=A).public_key == key


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_key", "x"),
        ("public_key", None),
        ("public_key", 5),
        ("sealing_key", ""),
        ("sealing_key", "A" * 44),
        ("public_key", "\u00e9" * 44),
        ("public_key", "\ud800"),
        ("public_key", "\x00" * 44),
        ("broker_hash", "nopass"),
        ("broker_hash", "0" * 63 + "\n"),
        ("broker_hash", "0" * 64 + "\n"),
        ("ingest_token_hash", []),
        ("ingest_token_hash", "A" * 64),
        ("broker_hash", "0" * 60 + " ~* "),
    ],
)
def test_bad_keys(broker: Any, name: str, value: Any) -> None:
    invite(A, "ta")
    answer = post("ta", said(A, **{name: value}))
    assert (answer.status_code, answer.json()["field"]) == (400, name)
    assert Node.objects.get().public_key == ""


@pytest.mark.parametrize(
    "body", ["", "[]", "{", "null", b"\xff\xfe", "[" * 9000, "x" * 30000, '{"node": null}', '{"node": NaN}']
)
def test_bodies_that_are_none(broker: Any, body: Any) -> None:
    invite(A, "ta")
    assert post("ta", body).status_code == 404


def test_other_verbs(broker: Any) -> None:
    invite(A, "ta")
    for verb in ("get", "put", "delete", "head", "patch"):
        assert getattr(Client(), verb)("/nodes/v1/join", secure=True).status_code == 405


def test_at_redis_each_has_its_own_alone(broker: Any) -> None:
    for name in NAMES:
        invite(name, name)
        post(name, said(name))
    theirs = [
        f"node.{B}",
        f"report.{B}",
        f"unacked.{B}",
        f"unacked_index.{B}",
        f"_kombu.binding.node.{B}",
        "panel",
        "celery",
        "beat:x",
    ]
    for key in theirs[:2]:
        broker.lpush(key, "x")
    a = as_node(A)
    for key in theirs:
        for command in (
            ["GET", key],
            ["LRANGE", key, 0, -1],
            ["RPOP", key],
            ["BRPOP", key, 1],
            ["LPUSH", key, "e"],
            ["DEL", key],
            ["EXISTS", key],
            ["DUMP", key],
            ["COPY", key, f"node.{A}"],
            ["RENAME", key, f"node.{A}"],
            ["LMOVE", key, f"node.{A}", "LEFT", "LEFT"],
            ["RPOPLPUSH", f"node.{A}", key],
            ["LMPOP", 1, key, "LEFT"],
            ["HGETALL", key],
            ["SMEMBERS", key],
            ["ZRANGE", key, 0, -1],
            ["EXPIRE", key, 1],
            ["OBJECT", "ENCODING", key],
            ["MEMORY", "USAGE", key],
            ["WATCH", key],
            ["EVAL", "return redis.call('lrange',KEYS[1],0,-1)", 1, key],
            ["EVAL", f"return redis.call('lrange','{key}',0,-1)", 0],
            ["SORT", key],
            ["SUBSCRIBE", key],
            ["PUBLISH", key, "x"],
        ):
            with pytest.raises(redis.RedisError):
                a.execute_command(*command)
    for command in (
        ["KEYS", "*"],
        ["FLUSHALL"],
        ["FLUSHDB"],
        ["SWAPDB", 0, 1],
        ["CONFIG", "GET", "*"],
        ["ACL", "LIST"],
        ["SCAN", 0],
        ["RANDOMKEY"],
        ["FUNCTION", "LIST"],
        ["MONITOR"],
        ["CLIENT", "LIST"],
        ["MIGRATE", "h", 1, "x", 0, 1],
    ):
        with pytest.raises(redis.RedisError):
            a.execute_command(*command)
    assert [broker.lrange(key, 0, -1) for key in theirs[:2]] == [[b"x"], [b"x"]]
    a.lpush(f"report.{A}", "mine")
    assert a.rpop(f"report.{A}") == b"mine"


def test_beat_lets_in_whom_redis_lost_and_leaves_the_rest(broker: Any) -> None:
    invite(A, "ta")
    post("ta", said(A))
    broker.execute_command("ACL", "DELUSER", A)
    users.let_in(Node.objects.all())
    as_node(A).ping()


def test_rights_that_are_not_ours_are_put_right(broker: Any) -> None:
    invite(A, "ta")
    post("ta", said(A))
    broker.execute_command("ACL", "SETUSER", A, "+@all", "allchannels")
    users.let_in(Node.objects.all())
    with pytest.raises(redis.RedisError):
        as_node(A).execute_command("ACL", "LIST")


def test_the_old_machines_connection_ends(broker: Any) -> None:
    invite(A, "ta")
    post("ta", said(A))
    old = as_node(A)
    old.ping()
    post("ta", said(A, "n"))
    with pytest.raises(redis.RedisError):
        old.rpop(f"node.{A}")


def test_the_panels_own_user_is_no_node(broker: Any) -> None:
    with pytest.raises(Refused):
        invite("default", "td")


def test_a_secondary_does_not_join(broker: Any) -> None:
    node_invite(
        Invitation(name=A, roles=["secondary"], host="ns2.test", addresses=[], ports={}, token_hash=sha("ta"))
    )
    assert post("ta", said(A)).status_code == 404


def test_broker_away_is_joined_anyway(broker: Any, monkeypatch: Any) -> None:
    def away(nodes: Any) -> None:
        raise BrokerAway

    monkeypatch.setattr(users, "let_in", away)
    invite(A, "ta")
    assert post("ta", said(A)).status_code == 200
    assert Node.objects.get().broker_hash


def test_command(broker: Any, tmp_path: Any, capsys: Any) -> None:
    call_command("node", "invite", A, "--roles", "mail", "--host", "a.test", "--address", "192.0.2.3")
    token = capsys.readouterr().out.rsplit(": ", 1)[1].strip()
    assert post(token, said(A)).status_code == 200
    path = tmp_path / "n.json"
    each = {
        "name": A,
        "roles": ["mail"],
        "host": "a2.test",
        "addresses": ["192.0.2.3"],
        "ports": {},
        "token_hash": sha("f"),
    }
    path.write_text(json.dumps([each, each | {"name": B}]))
    call_command("node", "invite", "--file", str(path))
    assert "token" not in capsys.readouterr().out
    node = Node.objects.get(name=A)
    assert node.host == "a2.test"
    assert node.public_key
    path.write_text("{nonsense")
    with pytest.raises(CommandError):
        call_command("node", "invite", "--file", str(path))
