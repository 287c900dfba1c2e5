"""Mail Queue on the running stack: a destination where nobody answers, and what each button does there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import clients
from bench.web import Page
from tests.onstack import Box, House, run_manage, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]
LATER = "[203.0.113.97]"  # RFC 5737 §3: nobody is there, so its mail waits

_ASK = """
import json
from delivery.queue import selectors
found = selectors.Scope(list(selectors.mail_nodes()), None, {{}})
(answer,) = selectors.ask(found, {what!r}, {args!r}).values()
print(json.dumps(answer))
"""


def ask(house: House, what: str, **args: Any) -> Any:
    """As the provider asks: of all mail."""
    return json.loads(run_manage(house.stack, _ASK.format(what=what, args=args)))


def send(box: Box, local: str, sender: str = "") -> None:
    letter = clients.letter(sender or box.address, "somebody@outside.example", word()).as_bytes()
    with clients.submission(box.stack, "submissions", box.address, box.password) as client:
        client.sendmail(sender or box.address, [f"{local}@{LATER}"], letter)


def page(house: House, query: str = "") -> Page:
    return house.browser.open(f"/domains/{house.domain}/queue/{query}")


def press(house: House, did: str, local: str) -> str:
    """Of the one mail to ``local``, with the button of this name. What is said then."""
    found = page(house, f"?to={local}")
    return house.browser.submit(found, found.form(action="/queue/do/"), {"all": "1"}, press=("do", did)).text


def waiting(house: House, local: str) -> list[dict[str, Any]]:
    return list(ask(house, "queue", recipient=local)["mails"])


def test_a_waiting_mail_is_held_released_tried_and_deleted(house: House, wait_for: Wait) -> None:
    ana, local = house.box(), word()
    send(ana, local)
    (mail,) = wait_for(lambda: waiting(house, local))
    assert mail["login"] == ana.address
    assert local in page(house).text
    assert "1 mail is held" in press(house, "hold", local)
    assert [one["queue"] for one in waiting(house, local)] == ["hold"]
    assert "1 mail is held and was not tried" in press(house, "deliver", local)
    assert "1 mail is released" in press(house, "release", local)
    assert [one["queue"] for one in waiting(house, local)] != ["hold"]
    said = press(house, "deliver", local)
    assert "being tried right now" in said or "tried again" in said or "next in line" in said
    found = page(house, f"?to={local}")
    asks = house.browser.submit(found, found.form(action="/queue/do/"), {"all": "1"}, press=("do", "delete"))
    assert "Delete 1 waiting mail?" in asks.text
    assert "is deleted and no longer in the queue" in house.browser.submit(asks, asks.form("sure"), {}).text
    assert waiting(house, local) == []
    activity = house.browser.open(f"/activity/?domain={house.domain}").text
    assert "chose “Delete” for 1 waiting mail" in activity


def forward(box: Box, local: str, sender: str) -> None:
    """What a Sieve script of the mailbox sends on: as Dovecot calls it (deploy/dovecot)."""
    program = Path(box.stack.raw["node"]["dir"]) / "dovecot" / "inject" / "main.py"
    argv = [sys.executable, str(program), box.address, "-i", "-f", sender, "--", f"{local}@{LATER}"]
    letter = f"Received: from x by y; Sun, 22 Nov 2026 10:00:00 +0000\nFrom: {sender}\nSubject: x\n\nx\n"
    subprocess.run(argv, input=letter, text=True, check=True, capture_output=True)


@pytest.mark.parametrize("forged", [True, False])
def test_what_a_mailbox_forwards_is_its_own_domains_whatever_the_sender(
    new_house: Callable[[int], House], wait_for: Wait, forged: bool
) -> None:
    """A stranger writes in ana's name to ben, who forwards: it waits in ben's queue alone. A sender
    of a domain that is hosted here stays as it was; others are rewritten (SRS)."""
    mine, theirs = new_house(0), new_house(1)
    ana, ben = mine.box("ana"), theirs.box("ben")
    local = word()
    forward(ben, local, ana.address if forged else "x@outside.example")
    (mail,) = wait_for(lambda: waiting(mine, local))
    assert (mail["login"], mail["behalf"]) == (ben.address, True)
    assert (mail["sender"] == ana.address) is forged
    assert f"{local}@" in rows(page(theirs))
    assert f"{local}@" not in rows(page(mine))
    assert "1 mail is held" not in held_by_id(mine, mail["id"])
    assert waiting(mine, local)[0]["queue"] != "hold"


def held_by_id(house: House, queue_id: str) -> str:
    """What is said when somebody asks for a mail by an id that is not theirs."""
    keep, local = house.box("keep"), word()
    send(keep, local)
    found = page(house)
    while not found.text.count("queue/do/"):
        found = page(house)
    form = found.form(action="/queue/do/")
    node = found.text.partition('name="id"')[2].partition('value="')[2].partition("-")[0]
    return house.browser.submit(found, form, {"id": f"{node}-{queue_id}"}, press=("do", "hold")).text


def rows(found: Page) -> str:
    return found.text.partition("<tbody>")[2].replace("<wbr>", "").replace('<span class="at">', "")


def test_the_next_try_is_what_postfix_has(house: House, wait_for: Wait) -> None:
    ana, local = house.box(), word()
    send(ana, local)
    (mail,) = wait_for(
        lambda: [one for one in waiting(house, local) if one["queue"] == "deferred"], seconds=90
    )
    assert mail["due"] > mail["tried"] >= mail["at"]
    assert mail["recipients"][0][1]
    headers = ask(house, "queue_headers", id=mail["id"])["headers"]
    assert f"From: {ana.address}" in headers
