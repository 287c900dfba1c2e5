"""A question to a node: asked once, answered once, and never waited for long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from provision import asking, broker
from provision.asking import NodeSilent, ask
from provision.models import Question
from tests.provision.conftest import Wire
from tests.provision.fakenode import FakeNode

Take = Callable[[Any], None]
Answer = Callable[..., None]


@pytest.fixture
def answer(node: FakeNode, take: Take, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """``answer(result=…, error=…)``: what the node says, the moment it is asked."""

    def answer(result: Any = None, error: str = "", times: int = 1, by: FakeNode = node) -> None:
        def send(task: str, queue: str, message: Any, *, expires: float) -> None:
            said = {"id": message["id"], "result": result, "error": error}
            for _time in range(times):
                take(by.report(answer=said))

        monkeypatch.setattr(broker, "send", send)

    return answer


def test_what_the_node_says_comes_back(node: FakeNode, answer: Answer) -> None:
    answer({"folders": ["INBOX"]}, times=2)
    assert ask(node.node, "folders", user="ana@example.test") == {"folders": ["INBOX"]}


@pytest.mark.parametrize("text", ["a\0b", "\\u0000", "\\\\u0000\0", "\ud800", "\udc00\ud800", "\\ud800"])
def test_any_text_of_strangers_comes_back_as_far_as_it_can_be_kept(
    node: FakeNode, answer: Answer, text: str
) -> None:
    answer([{"subject": text, text: 1}])
    kept = text.replace("\0", "").encode("utf-8", "replace").decode()
    assert ask(node.node, "quarantine") == [{"subject": kept, kept: 1}]


def test_what_went_wrong_there_is_said(node: FakeNode, answer: Answer) -> None:
    answer(error="Dovecot does not know this mailbox.")
    with pytest.raises(NodeSilent, match="does not know this mailbox"):
        ask(node.node, "folders")


def test_a_question_carries_its_name_and_its_arguments(
    node: FakeNode, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0)
    with pytest.raises(NodeSilent, match="does not answer"):
        ask(node.node, "folders", user="ana@example.test")
    ((task, queue, message),) = wire.sent
    assert (task, queue) == ("agent.ask", "node.mail1")
    assert (message["what"], message["args"]) == ("folders", {"user": "ana@example.test"})
    assert Question.objects.get().what == "folders"


def test_nobody_waits_for_a_broker_that_is_away(node: FakeNode, wire: Wire) -> None:
    wire.down = True
    with pytest.raises(NodeSilent, match="cannot be asked"):
        ask(node.node, "folders")


def test_another_nodes_answer_is_none(
    node: FakeNode, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0)
    answer("mine", by=FakeNode("ns2"))
    with pytest.raises(NodeSilent):
        ask(node.node, "folders")


def test_nothing_is_asked_in_a_transaction(node: FakeNode) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        ask(node.node, "folders")
