"""Which mails a clean-up means, and that it goes on after a kill."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nodeagent import cleaning
from nodeagent.backends.base import BackendError
from nodeagent.jobs import cleaning as job
from nodeagent.jobs.work import JobFailedError, TryLaterError

ADDRESS = "ana@a.test"
INBOX, TRASH, BELOW = "a" * 32, "b" * 32, "c" * 32
NAMES = {INBOX: "INBOX", TRASH: "Trash", BELOW: "Trash/old"}
Command = tuple[str, dict[str, Any]]


class Dovecot:
    """Mailboxes of one user: GUID → UIDs. Dies (as if killed) before command number ``dies``."""

    def __init__(self, **mails: int) -> None:
        self.uids = {guid: list(range(1, mails.get(name, 0) + 1)) for guid, name in NAMES.items()}
        self.next = {guid: len(uids) + 1 for guid, uids in self.uids.items()}
        self.validity = 7
        self.commands: list[Command] = []
        self.dies = 10**6

    def run(self, commands: list[Command]) -> list[Any]:
        return [self._one(*command) for command in commands]

    def _one(self, name: str, args: dict[str, Any]) -> Any:
        if len(self.commands) >= self.dies:
            raise BackendError("killed")
        self.commands.append((name, args))
        assert args["user"] == ADDRESS
        if name == "mailboxStatus":
            return [self._status(guid) for guid in self.uids]
        words = args["query"]
        assert words[0] == "mailbox-guid"
        wanted = self._uids(words[3])
        here = self.uids[words[1]]
        if name == "fetch":
            return [{"uid": str(uid), "size.physical": "10"} for uid in here if uid in wanted]
        self.uids[words[1]] = [uid for uid in here if uid not in wanted]
        return []

    def _status(self, guid: str) -> dict[str, str]:
        numbers = {"messages": len(self.uids[guid]), "vsize": 10 * len(self.uids[guid])}
        numbers |= {"uidnext": self.next[guid], "uidvalidity": self.validity}
        return {"mailbox": NAMES[guid], "guid": guid} | {key: str(value) for key, value in numbers.items()}

    @staticmethod
    def _uids(text: str) -> set[int]:
        first, colon, last = text.partition(":")
        return set(range(int(first), int(last) + 1)) if colon else {int(one) for one in text.split(",")}

    def arrives(self, guid: str) -> None:
        self.uids[guid].append(self.next[guid])
        self.next[guid] += 1


def work(dovecot: Dovecot, **args: Any) -> Any:
    told: list[tuple[int, int]] = []
    return SimpleNamespace(
        args={"address": ADDRESS} | args,
        doveadm=dovecot,
        home=lambda address: ("a.test/ana", 1),
        tell=lambda done, total, note="", now=False: told.append((done, total)),
        told=told,
    )


def seen(dovecot: Dovecot, *guids: str) -> dict[str, list[int]]:
    return {guid: [dovecot.validity, dovecot.next[guid] - 1] for guid in guids}


def test_the_trash_is_what_is_in_it_and_below() -> None:
    there = cleaning.folders(Dovecot(Trash=3), ADDRESS)  # type: ignore[arg-type]  # speaks as one
    choices: dict[str, dict[str, Any]] = {
        "trash": {"clean": "trash"},
        "junk": {"clean": "junk"},
        "all": {"clean": "old", "before": 1},
        "one": {"clean": "big", "over": 1, "folder": "INBOX"},
        "none": {"clean": "big", "over": 1, "folder": "*"},
    }
    names = {
        what: [folder.name for folder in cleaning.meant(cleaning.wish(args | {"address": ADDRESS}), there)]
        for what, args in choices.items()
    }
    assert names == {
        "trash": ["Trash", "Trash/old"], "junk": [], "all": ["INBOX"], "one": ["INBOX"], "none": [],
    }  # fmt: skip


@pytest.mark.parametrize("dies", range(1, 12))
def test_after_a_kill_at_any_command_the_rest_goes_and_what_came_since_stays(dies: int) -> None:
    dovecot = Dovecot(**{"Trash": 900, "INBOX": 5})
    args = {"clean": "trash", "bounds": seen(dovecot, TRASH, BELOW), "total": 900}
    dovecot.arrives(TRASH)
    dovecot.dies = dies
    if dies < 7:
        with pytest.raises(TryLaterError):
            job.clean(work(dovecot, **args))
    dovecot.dies = 10**6
    dovecot.arrives(TRASH)
    again = work(dovecot, **args)
    job.clean(again)
    assert dovecot.uids == {INBOX: [1, 2, 3, 4, 5], TRASH: [901, 902], BELOW: []}
    assert again.told[-1] == (900, 900)


def test_a_folder_that_was_made_anew_is_left_alone() -> None:
    dovecot = Dovecot(Trash=3)
    args = {"clean": "trash", "bounds": seen(dovecot, TRASH), "total": 3}
    dovecot.validity = 8
    job.clean(work(dovecot, **args))
    assert dovecot.uids[TRASH] == [1, 2, 3]


def test_what_shall_go_to_the_trash_is_moved_there() -> None:
    dovecot = Dovecot(INBOX=2)
    job.clean(work(dovecot, clean="big", over=5, to_trash=True, bounds=seen(dovecot, INBOX), total=2))
    name, args = dovecot.commands[-1]
    assert (name, args["destinationMailbox"]) == ("move", "Trash")


@pytest.mark.parametrize(
    "args",
    [
        {"clean": "trash"},
        {"clean": "all", "bounds": {}},
        {"clean": "trash", "bounds": {}, "address": "*"},
        {"clean": "trash", "bounds": {}, "address": "a?@a.test"},
        {"clean": "trash", "bounds": {"*": [1, 2]}},
        {"clean": "trash", "bounds": {TRASH: [1, "2"]}},
        {"clean": "trash", "bounds": [TRASH]},
        {"clean": "old", "bounds": {}},
        {"clean": "big", "bounds": {}, "over": True},
        {"clean": "big", "bounds": {}, "over": -1},
        {"clean": "big", "bounds": {}, "over": 1, "folder": "x" * 1001},
    ],
)
def test_what_is_no_clean_up_touches_nothing(args: dict[str, Any]) -> None:
    dovecot = Dovecot(Trash=3)
    with pytest.raises(JobFailedError):
        job.clean(work(dovecot, **args))
    assert dovecot.commands == []
