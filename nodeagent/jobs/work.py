"""What a job's own process is given: its arguments, what it kept, where it tells how far it is."""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path
from typing import Any

from nodeagent import sealing
from nodeagent.backends.dovecot import Doveadm
from nodeagent.config import Config, Jobs, Mail
from nodeagent.directory import Directory
from nodeagent.jobs.store import Row, Store, folder_of

TELL_EVERY = 0.5


class JobFailedError(Exception):
    """It cannot be done. The message is shown to people: what happened and what to do, in plain words."""


class TryLaterError(Exception):
    """Not now: a server is away. Tried again after a while, from where it was; the message is shown."""


@dataclasses.dataclass(kw_only=True)
class Work:
    """``folder``: for files of this job alone; it is removed with the job. ``kept`` outlives kills: change it
    with ``keep``."""

    row: Row
    store: Store
    config: Config
    mail: Mail
    jobs: Jobs
    _told_at: float = 0.0

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def args(self) -> dict[str, Any]:
        return self.row.args

    @property
    def kept(self) -> dict[str, Any]:
        return self.row.kept

    @property
    def folder(self) -> Path:
        path = folder_of(self.jobs, self.id)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    @property
    def doveadm(self) -> Doveadm:
        """Dovecot's administration interface: ``run([(command, {…})])``."""
        return Doveadm(self.mail.doveadm_url, self.mail.doveadm_key_file)

    def text(self, name: str, default: str = "") -> str:
        """An argument that is a text of at most 1000 characters."""
        value = self.args.get(name, default)
        if not isinstance(value, str) or len(value) > 1000 or "\0" in value:
            raise JobFailedError(f"The panel sent a wrong value for {name}.")
        return value

    def secret(self) -> str:
        """What only this node can open. Raises JobFailedError."""
        if self.jobs.sealing_key_file is None:
            raise JobFailedError("This node has no key to open the password with.")
        try:
            return sealing.open_sealed(self.jobs.sealing_key_file, self.row.sealed, self.id)
        except sealing.SealingError as error:
            raise JobFailedError("The password that came with this is not for this node.") from error

    def home(self, address: str) -> tuple[str, int]:
        """The mailbox's folder below MAIL_ROOT, and its quota in MB. Raises JobFailedError if it is not
        there."""
        reader = Directory(self.config.directory).reader()
        try:
            query = "SELECT home, quota_mb FROM mailboxes WHERE address = ?"
            found: list[Any] = reader.execute(query, (address,)).fetchall()
        finally:
            reader.close()
        if not found:
            raise JobFailedError(f"There is no mailbox {address} here any more.")
        return str(found[0][0]), int(found[0][1])

    def keep(self, **values: Any) -> None:
        """Remember for after a kill, on the disk before this returns."""
        self.row.kept.update(values)
        self.store.keep(self.id, self.row.kept)

    def tell(self, done: int, total: int, note: str = "", *, now: bool = False, **facts: Any) -> None:
        """How far it is, at most twice a second unless ``now``. ``facts`` replace those of the same name."""
        self.row.facts.update(facts)
        if not now and time.monotonic() - self._told_at < TELL_EVERY:
            return
        self._told_at = time.monotonic()
        self.store.tell(self.id, done=done, total=total, note=note, facts=self.row.facts)


def mail_user(work: Work) -> dict[str, Any]:
    """For subprocess: run as the user whom mail belongs to, when we are root."""
    return {} if os.geteuid() else {"user": work.jobs.mail_user, "group": work.jobs.mail_user}
