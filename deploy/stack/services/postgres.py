"""PostgreSQL: a cluster of our own, made with the server's own tools; the machine's stay untouched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from deploy.stack.files import folder, render_file, write
from deploy.stack.layout import LOOPBACK, SYSTEM_USER, Failure, Stack
from deploy.stack.program import NotReady, Program, as_user

BIN = Path("/usr/lib/postgresql/15/bin")
USER = "postgres"


def prepare(stack: Stack) -> None:
    """Make the cluster if there is none and write its configuration."""
    base = folder(stack.root / "postgres", owner=USER, mode=0o700)
    data = base / "data"
    if not (data / "PG_VERSION").exists():
        _initdb(stack, base)
    # Leftovers are gone by now, so a pid file is stale; after a reboot its number may be anybody's.
    (data / "postmaster.pid").unlink(missing_ok=True)
    values = {
        "PORT_POSTGRES": stack.ports["postgres"],
        "POSTGRES": base,
        "LISTEN": stack.listen,
        "CLIENTS": f"{LOOPBACK}/32" if stack.listen == LOOPBACK else "samenet",
    }
    write(data / "postgresql.conf", render_file("postgres/postgresql.conf", values), owner=USER, mode=0o600)
    write(data / "pg_hba.conf", render_file("postgres/pg_hba.conf", values), owner=USER, mode=0o600)


def _initdb(stack: Stack, base: Path) -> None:
    # Made aside and renamed: a half-made cluster is never taken for a whole one.
    unfinished = base / "data.unfinished"
    subprocess.run(["rm", "-rf", "--", str(unfinished)], check=True)
    password = base / "password"
    write(password, stack.secrets["postgres"] + "\n", owner=USER, mode=0o600)
    run_as_postgres(
        stack,
        "initdb", f"--pgdata={unfinished}", "--username=postgres", f"--pwfile={password}",
        "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
    )  # fmt: skip
    password.unlink()
    unfinished.rename(base / "data")


def run_as_postgres(stack: Stack, program: str, *arguments: str, text: str | None = None) -> str:
    """Run one of PostgreSQL's programs as its superuser. Raises Failure with what it said."""
    done = subprocess.run(
        as_user(USER, [str(BIN / program), *arguments]),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=stack.root / "postgres",
        env={
            "PATH": os.environ["PATH"],
            "PGPASSWORD": stack.secrets["postgres"],
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        },
    )
    if done.returncode:
        raise Failure(f"{program}: {(done.stderr or done.stdout).strip()}", stack.program_log("postgres"))
    return done.stdout


def ensure_database(stack: Stack) -> None:
    """Have the panel's role and database. The password goes by standard input: no process list shows it."""
    if run_as_postgres(stack, "psql", *_psql(stack), text=_EXISTS).strip() == "2":
        return
    password = stack.secrets["database"]
    run_as_postgres(stack, "psql", *_psql(stack), text=_CREATE.format(role=SYSTEM_USER, password=password))


_EXISTS = f"""SELECT (SELECT count(*) FROM pg_roles WHERE rolname='{SYSTEM_USER}')
 + (SELECT count(*) FROM pg_database WHERE datname='{SYSTEM_USER}');"""  # noqa: S608 - a constant
# CREATEDB: the tests make databases of their own.
_CREATE = """
SELECT 'CREATE ROLE {role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname='{role}')\\gexec
ALTER ROLE {role} LOGIN CREATEDB PASSWORD '{password}';
SELECT 'CREATE DATABASE {role} OWNER {role}'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname='{role}')\\gexec
"""


def _psql(stack: Stack) -> list[str]:
    return [
        "-h", LOOPBACK, "-p", str(stack.ports["postgres"]), "-U", "postgres", "-d", "postgres",
        "-XAtq", "-v", "ON_ERROR_STOP=1",
    ]  # fmt: skip


def programs(stack: Stack) -> list[Program]:
    base = stack.root / "postgres"

    def ready() -> None:
        try:
            run_as_postgres(stack, "pg_isready", "-q", "-h", LOOPBACK, "-p", str(stack.ports["postgres"]))
        except Failure as error:
            raise NotReady(f"not accepting connections yet {error}") from None

    return [
        Program(
            name="postgres",
            command=[str(BIN / "postgres"), "-D", str(base / "data")],
            directory=base,
            user=USER,
            ready=ready,
            stop_signal="INT",  # fast shutdown: open connections are closed, nothing is lost
            seconds_to_start=60,
        )
    ]
