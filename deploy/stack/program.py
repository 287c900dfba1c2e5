"""What supervisord runs: one Program a process, rendered into its configuration."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

from deploy.stack.layout import CODE, MARKER, PYTHON, Stack, uid

SECONDS_TO_STOP = 12
# What is stopped together, from the front to the stores behind.
STOP_ORDER = (
    ("caddy", "gunicorn", "worker", "beat", "agent", "shipper"),
    (
        "postfix",
        "dovecot",
        "rspamd",
        "powerdns",
        "aliases",
        "policy",
        "senders",
        "keeper",
        "jobs",
        "rotate",
    ),
    ("redis", "learned", "postgres"),
)


class NotReady(Exception):
    """A service does not answer as it should yet; the message says what was seen."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Program:
    """One supervised process. ``ready`` raises NotReady or OSError until the service does its work; None: it
    answers nobody, and supervisord alone says whether it lives. ``once``: it ends by itself, and only a
    failure begins it again."""

    name: str
    command: list[str]
    directory: Path
    ready: Callable[[], None] | None
    user: str = "root"
    stop_signal: str = "TERM"
    log: Path | None = None
    seconds_to_start: float = 30
    once: bool = False


def ours(stack: Stack, env_file: Path, *arguments: str) -> list[str]:
    """The command line of one of our own Python programs, with the environment in ``env_file``."""
    return [str(CODE / "deploy" / "with-env"), str(env_file), str(PYTHON), *arguments]


def as_user(user: str, command: list[str]) -> list[str]:
    """``command`` as ``user``; as it is for who is that user already, or for root."""
    if user == "root" or os.geteuid() == uid(user):
        return command
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--", *command]


def config(stack: Stack, programs: Iterable[Program]) -> str:
    """The text of supervisord.conf for ``programs``."""
    parts = [
        _section(
            "unix_http_server",
            {"file": stack.supervisor_socket, "chmod": "0700"},
        ),
        _section(
            "supervisord",
            {
                "logfile": stack.log / "supervisord.log",
                "logfile_maxbytes": "5MB",
                "logfile_backups": 1,
                "loglevel": "info",
                "pidfile": stack.run / "supervisord.pid",
                "directory": stack.root,
                "nodaemon": "true",
                "silent": "true",
                "user": "root",
                "umask": "022",
                "minfds": 4096,
                "childlogdir": stack.log,
                "strip_ansi": "true",
            },
        ),
        _section(
            "rpcinterface:supervisor",
            {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
        ),
        _section("supervisorctl", {"serverurl": f"unix://{stack.supervisor_socket}"}),
    ]
    parts += [_program(stack, program) for program in programs]
    return "\n".join(parts)


def environment(stack: Stack) -> dict[str, str]:
    """What supervisord is started with, and nothing more; children inherit it, with the marker."""
    return {
        MARKER: str(stack.root),
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        # The logs of Postfix and Dovecot name no zone.
        "TZ": "UTC",
        "HOME": str(stack.root / "home"),
        # glibc would keep the 19 MiB of each password hash in an arena. Given back at once, taken in huge
        # pages, they cost no more.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": "8388608",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    }


def _program(stack: Stack, program: Program) -> str:
    return _section(
        f"program:{program.name}",
        {
            "command": shlex.join(program.command),
            "directory": program.directory,
            "user": program.user,
            "autostart": "false",
            "autorestart": "unexpected" if program.once else "true",
            "exitcodes": 0,
            "startsecs": 0 if program.once else 1,
            "startretries": 1000,
            "stopsignal": program.stop_signal,
            "stopwaitsecs": SECONDS_TO_STOP,
            "killasgroup": "true",
            "redirect_stderr": "true",
            **_output(stack, program),
        },
    )


def _output(stack: Stack, program: Program) -> dict[str, object]:
    if stack.console:
        return {"stdout_logfile": "/dev/fd/1", "stdout_logfile_maxbytes": 0}
    return {
        "stdout_logfile": stack.program_log(program.name),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": 2,
    }


def _section(name: str, settings: dict[str, object]) -> str:
    lines = [f"[{name}]"]
    for key, value in settings.items():
        text = str(value)
        # " ;" begins a comment, and there is no way to write it otherwise.
        if "\n" in text or "\r" in text or " ;" in text:
            raise ValueError(f"{name}: {key} cannot be written into supervisord.conf")
        lines.append(f"{key}={text.replace('%', '%%')}")
    return "\n".join(lines) + "\n"
