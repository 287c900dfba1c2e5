"""A mailbox as a job reaches it: by Dovecot's own programs with a small configuration of the job's, so that
quotas, indexes and locks hold as for everybody."""

from __future__ import annotations

import contextlib
import imaplib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from nodeagent.jobs.work import JobFailedError, Work

IMAP = "/usr/lib/dovecot/imap"
DOVEADM = "/usr/bin/doveadm"
_CONFIG = """log_path = /dev/stderr
base_dir = {run}
mail_location = maildir:~/Maildir
mail_home = {home}
mail_uid = {user}
mail_gid = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_plugins = quota
userdb {{
  driver = static
  args = uid={user} gid={user} home={home}
}}
namespace inbox {{
  inbox = yes
  separator = /
  subscriptions = yes
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = subscribe
  }}
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_grace = 0
  quota_rule = *:storage={quota}M
}}
"""


class Box:
    """``address``'s mailbox. ``more``: further lines of configuration, for the eyes of this job alone."""

    def __init__(self, work: Work, address: str, more: str = "") -> None:
        home, quota = work.home(address)
        self.work, self.address = work, address
        self.home = work.mail.mail_root / home
        self.user = work.jobs.mail_user or pwd.getpwuid(os.geteuid()).pw_name
        self.folder = work.folder / "dovecot"
        self.folder.mkdir(exist_ok=True, mode=0o700)
        self.config = self.folder / "job.conf"
        text = _CONFIG.format(home=self.home, quota=quota, user=self.user, run=self.folder) + more
        self.config.unlink(missing_ok=True)
        self.config.write_text(text)
        self.config.chmod(0o600)
        if not os.geteuid():
            for path in (self.folder, self.config):
                shutil.chown(path, self.user, self.user)
            for path in self.folder.parents:
                if path == work.jobs.db.parent.parent:
                    break
                path.chmod(0o711)

    def command(self, *argv: str) -> list[str]:
        """As the user whom mail belongs to, and gone when this process is."""
        change = () if os.geteuid() else (f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups")
        return ["/usr/bin/setpriv", "--pdeathsig=KILL", *change, "--", *argv]

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "USER": self.address, "LC_ALL": "C.UTF-8"}

    def doveadm(self, *argv: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(DOVEADM, "-c", str(self.config), *argv),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    @contextlib.contextmanager
    def imap(self) -> Iterator[imaplib.IMAP4]:
        """Signed in already. Raises JobFailedError if Dovecot does not start."""
        running = subprocess.Popen(
            self.command(IMAP, "-c", str(self.config)),
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield _Pipe(running)
        except imaplib.IMAP4.abort as error:
            raise JobFailedError("Dovecot does not open this mailbox; its provider must look.") from error
        finally:
            running.kill()
            running.wait()


class _Pipe(imaplib.IMAP4):
    """Over a program's input and output."""

    def __init__(self, running: subprocess.Popen[bytes]) -> None:
        self.running = running
        super().__init__()

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self._in, self._out = cast(BinaryIO, self.running.stdin), cast(BinaryIO, self.running.stdout)

    def read(self, size: int) -> bytes:
        return self._out.read(size)

    def readline(self) -> bytes:
        return self._out.readline()

    def send(self, data: Any) -> None:
        self._in.write(data)
        self._in.flush()

    def shutdown(self) -> None:
        self.running.kill()
