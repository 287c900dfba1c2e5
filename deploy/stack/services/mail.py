"""Postfix, Dovecot and rspamd of the node: folders, configuration, what to run."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
from pathlib import Path

from deploy.stack import probe
from deploy.stack.files import folder, open_file, render_file, write
from deploy.stack.layout import (
    CODE,
    EVERYWHERE,
    FORWARD_LOGIN,
    PANEL_LOGIN,
    PANEL_SENDER,
    PROVIDER_DOMAIN,
    SYSTEM_USER,
    Failure,
    Stack,
    uid,
)
from deploy.stack.ports import MAIL_PORTS
from deploy.stack.program import Program

POSTFIX_MAPS = (
    "main.cf",
    "master.cf",
    "dynamicmaps.cf",
    "header_checks",
    "hostile_senders",
    "commands",
    "domains.cf",
    "mailboxes.cf",
    "senders.cf",
    "signed.cf",
    "stopped.cf",
    "recipients.cf",
    "holds.cf",
    "suspended.cf",
    "waits.cf",
    "backups.cf",
    "backup_status",
    "off.cf",
    "routings.cf",
    "taken.cf",
    "unknown.cf",
    "aliases.cf",
    "rewritten",
    "whole",
    "domain",
    "routed",
)
# Who reads the directory. Postfix's proxymap has no second group; Dovecot's auth workers are given this one.
DIRECTORY_GROUP = "postfix"
SPAM_SCRIPTS = ("after.sieve", "is-spam.sieve", "is-no-spam.sieve")
POSTFIX_FILES = Path("/etc/postfix")


def values(stack: Stack) -> dict[str, object]:
    """What the templates of the mail servers know."""
    node = stack.node
    cpus = os.cpu_count() or 1
    found: dict[str, object] = {
        "NODE": node.name,
        "HOST": node.host,
        "ADDRESSES": ", ".join(node.addresses),
        "LISTEN": stack.listen,
        # Postfix also sends from what it listens at, and 0.0.0.0 is no address to send from.
        "INTERFACES": "all" if stack.listen == EVERYWHERE else stack.listen,
        "PROVIDER_DOMAIN": PROVIDER_DOMAIN,
        "PANEL_LOGIN": PANEL_LOGIN,
        "PANEL_SENDER": PANEL_SENDER,
        "FORWARD_LOGIN": FORWARD_LOGIN,
        "CA": stack.ca,
        "LOG": node.log,
        "RSPAMD_LOG": node.rspamd_log,
        "POSTFIX": node.postfix,
        "POSTFIX_DATA": node.dir / "postfix-data",
        "QUEUE": node.queue,
        "POLICY": node.policy,
        "SENDERS": node.senders,
        "POLICY_USER": stack.user,
        "DOVECOT": node.dovecot,
        "DOVECOT_RUN": node.dir / "run",
        "RSPAMD": node.rspamd,
        "RSPAMD_PASSWORD": stack.secrets["rspamd"],
        # As the panel asks: the world of this instance.
        "RSPAMD_RESOLVERS": ", ".join(f'"{one}"' for one in _rspamd_resolvers(stack)),
        "HOST_PATTERN": node.host.replace(".", "[.]"),
        "DKIM": node.dkim,
        "DIRECTORY_DB": node.directory_db,
        "DIRECTORY_GROUP": DIRECTORY_GROUP,
        "MAIL_ROOT": node.mail_root,
        "MAIL_USER": SYSTEM_USER,
        "MAIL_UID": uid(SYSTEM_USER),
        "DOVEADM_API_KEY": stack.secrets["doveadm_api"],
        "CPUS": max(cpus, 2),
        "QUOTA_PROCESSES": min(4, cpus),
    }
    for name in (*MAIL_PORTS, "doveadm", "rspamd", "forward", "reply"):
        found[f"PORT_{name.upper()}"] = stack.ports[name]
    return found


def prepare(stack: Stack) -> None:
    """Make the folders that the three servers and the agent share, and write every configuration."""
    node, known = stack.node, values(stack)
    folder(node.log, group=SYSTEM_USER, mode=0o2755)
    folder(node.directory_db.parent, owner=stack.user, group=DIRECTORY_GROUP, mode=0o2750)
    folder(node.mail_root, owner=SYSTEM_USER, mode=0o700)
    folder(node.mail_root / ".rules", owner=SYSTEM_USER, mode=0o700)
    # The agent writes keys here and the folder's group, which is rspamd's, reads them.
    folder(node.dkim, owner=stack.user, group="_rspamd", mode=0o2750)
    open_file(node.dkim / "selectors.map", owner=stack.user, group="_rspamd")
    _prepare_postfix(stack, known)
    folder(node.dovecot)
    folder(node.dovecot / "state")
    folder(node.dir / "run")
    open_file(node.log / "dovecot.log", owner="root", group=SYSTEM_USER)
    write(node.dovecot / "dovecot.conf", render_file("dovecot/dovecot.conf", known), mode=0o600)
    sql = render_file("dovecot/dovecot-sql.conf.ext", known)
    write(node.dovecot / "dovecot-sql.conf.ext", sql, group="dovecot", mode=0o640)
    write(node.dovecot / "sieve.conf", render_file("dovecot/sieve.conf", known))
    folder(node.dovecot / "programs")
    write(node.dovecot / "programs" / "known", render_file("dovecot/known", known), mode=0o755)
    # A copy: the mail user may not be able to read the checkout.
    program = (CODE / "nodeagent" / "known.py").read_text(encoding="utf-8")
    write(node.dovecot / "programs" / "known.py", program)
    # A random secret of 256 bits needs no slow hash.
    line = f"{PANEL_LOGIN}:{{SHA256.HEX}}{panel_mail_digest(stack)}\n"
    digest = hashlib.sha256(stack.secrets["forward_mail"].encode()).hexdigest()
    line += f"{FORWARD_LOGIN}:{{SHA256.HEX}}{digest}\n"
    write(node.dovecot / "panel.passwd", line, group="dovecot", mode=0o640)
    _prepare_inject(stack)
    _prepare_spam(stack, known)
    # logrotate takes no file that others may write.
    write(
        node.dir / "logrotate.conf",
        render_file("logrotate.conf", known | {"GROUP": SYSTEM_USER, "CODE": CODE}),
    )


def panel_mail_digest(stack: Stack) -> str:
    """What a node knows of the panel's password: bin/up has that itself, a node elsewhere its digest."""
    given = stack.secrets.get("panel_mail_sha256")
    return given or hashlib.sha256(stack.secrets["panel_mail"].encode()).hexdigest()


def _prepare_inject(stack: Stack) -> None:
    """The program that sends what Sieve scripts send: a copy, as the mail user may not be able to read the
    checkout. Its settings hold two secrets."""
    place = stack.node.dovecot / "inject"
    folder(place)
    folder(place / "nodeagent")
    for name in ("__init__", "srs", "inject"):
        text = (CODE / "nodeagent" / f"{name}.py").read_text(encoding="utf-8")
        write(place / "nodeagent" / f"{name}.py", text)
    known = {"INJECT": place}
    write(place / "main.py", render_file("dovecot/inject.py", known))
    settings = {
        "host": "127.0.0.1",
        "port": stack.ports["forward"],
        "own_port": stack.ports["reply"],
        "login": FORWARD_LOGIN,
        "password": stack.secrets["forward_mail"],
        "srs_key": str(place / "srs.key"),
        "directory": str(stack.node.directory_db),
    }
    write(place / "settings.json", json.dumps(settings) + "\n", group=SYSTEM_USER, mode=0o640)
    write(place / "srs.key", stack.secrets["srs"] + "\n", group=SYSTEM_USER, mode=0o640)


def _rspamd_resolvers(stack: Stack) -> list[str]:
    """ADDRESS:PORT each."""
    named = [text.strip() for text in os.environ.get("RESOLVERS", "").split(",") if text.strip()]
    return named or [f"127.0.0.1:{stack.ports['dns']}"]


def _prepare_spam(stack: Stack, known: dict[str, object]) -> None:
    """rspamd, what it learns, and what Dovecot does about spam."""
    node = stack.node
    folder(node.rspamd, owner="_rspamd")
    folder(node.rspamd / "learned", owner="_rspamd", mode=0o700)
    # rspamd gives its log to itself, readable for all: so the folder keeps others out, and lets our group in.
    folder(node.rspamd_log.parent, owner="_rspamd", group=SYSTEM_USER, mode=0o750)
    for name in ("tld.dat", "rules.lua", "from_header.lua", "redis.conf"):
        write(node.rspamd / name, render_file(f"rspamd/{name}", known))
    write(node.rspamd / "rspamd.conf", render_file("rspamd/rspamd.conf", known), mode=0o600)
    write(node.dovecot / "programs" / "teach", render_file("dovecot/teach", known), mode=0o755)
    scripts = folder(node.dovecot / "spam", owner=SYSTEM_USER)
    for name in SPAM_SCRIPTS:
        path = scripts / name
        write(path, render_file(f"dovecot/{name}", known))
        command = ["/usr/bin/sievec", "-c", str(node.dovecot / "sieve.conf"), "--", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure(f"sievec does not take {path}: {done.stderr.strip()}")
        path.with_suffix(".svbin").chmod(0o644)


def _prepare_postfix(stack: Stack, known: dict[str, object]) -> None:
    node = stack.node
    folder(node.postfix)
    folder(node.queue)
    folder(node.dir / "postfix-data", owner="postfix", group="root", mode=0o700)
    open_file(node.log / "mail.log", owner="postfix", group=SYSTEM_USER)
    for name in POSTFIX_MAPS:
        write(node.postfix / name, render_file(f"postfix/{name}", known))
    # What `postfix check` makes the queue's folders from, with their owners: never a chown -R of a queue.
    for name, mode in (("postfix-files", 0o644), ("post-install", 0o755), ("postfix-script", 0o755)):
        write(node.postfix / name, (POSTFIX_FILES / name).read_text(encoding="utf-8"), mode=mode)
    folder(node.postfix / "postfix-files.d")
    folder(node.postfix / "dynamicmaps.cf.d")


def check_postfix(stack: Stack) -> None:
    """Have Postfix make its queue's folders and say what it does not like."""
    done = subprocess.run(
        ["/usr/sbin/postfix", "-c", str(stack.node.postfix), "check"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(f"postfix check: {(done.stderr or done.stdout).strip()}", stack.node.log / "mail.log")


def rspamd_programs(stack: Stack) -> list[Program]:
    node = stack.node

    def ready() -> None:
        probe.http_status(stack.ports["rspamd"], "/ping")
        probe.unix_socket(node.rspamd / "milter.sock")
        probe.unix_socket(node.rspamd / "ask.sock")

    command = [
        str(CODE / "deploy" / "alone"),
        str(node.rspamd),
        "/usr/bin/rspamd",
        "-f",
        "-u",
        "_rspamd",
        "-g",
        "_rspamd",
        "-c",
        str(node.rspamd / "rspamd.conf"),
    ]
    store = ["/usr/bin/redis-server", str(node.rspamd / "redis.conf")]
    return [
        Program(
            name="learned",
            command=store,
            directory=node.rspamd,
            user="_rspamd",
            ready=lambda: probe.unix_socket(node.rspamd / "redis.sock"),
        ),
        Program(name="rspamd", command=command, directory=node.rspamd, ready=ready, log=node.rspamd_log),
    ]


def programs(stack: Stack) -> list[Program]:
    """Postfix and Dovecot; the directory must be there before they start."""
    node, ports, ca = stack.node, stack.ports, stack.ca / "ca.pem"

    def dovecot_ready() -> None:
        for name, greeting in (("imap", b"* OK"), ("pop3", b"+OK"), ("sieve", b'"IMPLEMENTATION"')):
            probe.banner(ports[name], greeting)
        probe.banner(ports["imaps"], b"* OK", tls=ca)
        probe.banner(ports["pop3s"], b"+OK", tls=ca)
        for name in ("dovecot-lmtp", "dovecot-auth"):
            probe.unix_socket(node.queue / "private" / name)
        probe.unix_socket(node.policy / "quota-status")
        key = base64.b64encode(stack.secrets["doveadm_api"].encode()).decode()
        probe.http_status(ports["doveadm"], "/doveadm/v1", headers={"Authorization": f"X-Dovecot-API {key}"})

    def postfix_ready() -> None:
        probe.banner(ports["smtp"], b"220 ")
        probe.banner(ports["submission"], b"220 ")
        probe.banner(ports["submissions"], b"220 ", tls=ca)

    return [
        Program(
            name="dovecot",
            command=["/usr/sbin/dovecot", "-F", "-c", str(node.dovecot / "dovecot.conf")],
            directory=node.dovecot,
            ready=dovecot_ready,
            log=node.log / "dovecot.log",
        ),
        Program(
            name="postfix",
            # Not `postfix start-fg`: its shell stays in front of master, and passes no signal on. -d: no
            # session of its own; supervisord has made it the leader of a process group, which is enough.
            command=["/usr/lib/postfix/sbin/master", "-d", "-c", str(node.postfix)],
            directory=node.queue,
            ready=postfix_ready,
            log=node.log / "mail.log",
        ),
        Program(
            name="rotate",
            command=[
                str(CODE / "deploy" / "rotate"),
                str(node.dir / "logrotate.conf"),
                str(node.dir / "logrotate.state"),
            ],
            directory=node.log,
            ready=None,
        ),
    ]
