"""Private real servers on free loopback ports: Dovecot, Postfix's look-ups, PowerDNS, rspamd, Redis. Started
as root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.stack.files import render_file
from deploy.stack.services.mail import POSTFIX_MAPS

SECRET = "for-tests-only"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(check: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.02)


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def give(path: Path, user: str) -> None:
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)


@contextlib.contextmanager
def process(argv: list[str], log: Path, ready: Callable[[], object], **options: object) -> Iterator[int]:
    """A server in the foreground; yields its process id once it is ready, ends it afterwards."""
    with log.open("ab") as out:
        running = subprocess.Popen(argv, stdout=out, stderr=out, **options)  # type: ignore[call-overload]
    try:
        until(lambda: ready() or running.poll() is not None)
        assert running.poll() is None, log.read_text(errors="replace")[-2000:]
        yield running.pid
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(5)


DOVECOT = """
base_dir = {root}/run
state_dir = {root}/state
instance_name = nodeagent-tests
protocols = imap
listen = 127.0.0.1
log_path = {root}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_worker_max_count = 4
mail_location = maildir:~/Maildir
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1000
first_valid_gid = 1000
doveadm_api_key = {secret}
mail_plugins = quota
passdb {{
  driver = sql
  args = {root}/sql.conf.ext
}}
userdb {{
  driver = sql
  args = {root}/sql.conf.ext
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth-worker {{
  user = dovecot
  extra_groups = postfix
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service doveadm {{
  inet_listener http {{
    port = {http}
  }}
}}
"""


@contextlib.contextmanager
def dovecot(root: Path, directory: Path, imap: int, http: int) -> Iterator[int]:
    for name in ("run", "state", "mail"):
        (root / name).mkdir(exist_ok=True)
    give(root / "mail", "nobody")
    (root / "dovecot.conf").write_text(DOVECOT.format(root=root, secret=SECRET, imap=imap, http=http))
    values = {"DIRECTORY_DB": directory, "MAIL_ROOT": root / "mail"}
    (root / "sql.conf.ext").write_text(render_file("dovecot/dovecot-sql.conf.ext", values))
    argv = ["dovecot", "-F", "-c", str(root / "dovecot.conf")]
    with process(argv, root / "dovecot.out", lambda: listens(http) and listens(imap)) as pid:
        yield pid


POSTFIX_MAIN = """
compatibility_level = 3.6
config_directory = {root}/postfix
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/mail.log
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.tests.test
mydestination =
db = proxy:sqlite:{root}/postfix
virtual_mailbox_domains = ${{db}}/domains.cf
proxy_read_maps = ${{db}}/domains.cf ${{db}}/backups.cf ${{db}}/off.cf ${{db}}/senders.cf ${{db}}/suspended.cf
"""
POSTFIX_MASTER = """
postlog   unix-dgram n - n - 1 postlogd
proxymap  unix  - - n - - proxymap
"""


def postfix_files(root: Path, directory: Path) -> Path:
    """The configuration folder of a Postfix that has nothing but its look-ups."""
    config = root / "postfix"
    for folder, owner in ((config, "root"), (root / "queue", "root"), (root / "data", "postfix")):
        folder.mkdir(exist_ok=True)
        give(folder, owner)
    (config / "main.cf").write_text(POSTFIX_MAIN.format(root=root))
    (config / "master.cf").write_text(POSTFIX_MASTER)
    (config / "dynamicmaps.cf").write_text("sqlite\tpostfix-sqlite.so\tdict_sqlite_open\n")
    for name in ("domains.cf", "backups.cf", "off.cf", "senders.cf", "suspended.cf"):
        (config / name).write_text(render_file(f"postfix/{name}", {"DIRECTORY_DB": directory}))
    return config


# The whole Postfix of deploy/, without TLS and with nobody beside it: Dovecot and rspamd are away.
MAIL_EXTRA = """
smtpd_tls_chain_files =
smtpd_tls_security_level = none
smtp_tls_security_level = none
smtp_tls_CAfile =
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
transport_maps = {transports}
"""


def _override(main: Path, extra: str) -> None:
    """In place of what is there, not after it: of a name that comes twice each process warns in the log, and
    the logger, which begins with warnings to itself, then waits for itself when ten stand in its queue."""
    names = {line.partition("=")[0].strip() for line in extra.splitlines() if line}
    kept = [line for line in main.read_text().splitlines() if line.partition("=")[0].strip() not in names]
    main.write_text("\n".join(kept) + extra)


@contextlib.contextmanager
def mail_server(root: Path, directory: Path, port: int, transports: str) -> Iterator[Path]:
    """Postfix as the product sets it up, on ``port``; its configuration folder. ``transports``: where domains
    go instead of to their MX, which no test has."""
    config, queue, data = root / "postfix", root / "queue", root / "data"
    for folder, owner in ((root, "root"), (config, "root"), (queue, "root"), (data, "postfix")):
        folder.mkdir(exist_ok=True)
        give(folder, owner)
    # Its logger is not root; while it cannot write, every server waits for it.
    (root / "mail.log").touch()
    give(root / "mail.log", "postfix")
    values: dict[str, object] = {
        "NODE": "mail1", "HOST": "mail1.tests.test", "ADDRESSES": "127.0.0.1",
        "PROVIDER_DOMAIN": "tests.test", "PANEL_LOGIN": "panel@tests.test",
        "PANEL_SENDER": "no-reply@tests.test", "CA": root, "LOG": root, "POSTFIX": config,
        "POSTFIX_DATA": data, "QUEUE": queue, "POLICY": root, "RSPAMD": root, "DIRECTORY_DB": directory,
        "HOST_PATTERN": "mail1[.]tests[.]test", "FORWARD_LOGIN": "forward@tests.test",
        "PORT_FORWARD": free_port(), "PORT_REPLY": free_port(),
        "LISTEN": "127.0.0.1", "INTERFACES": "127.0.0.1",
        "PORT_SMTP": port, "PORT_SUBMISSION": free_port(), "PORT_SUBMISSIONS": free_port(),
    }  # fmt: skip
    for name in POSTFIX_MAPS:
        (config / name).write_text(render_file(f"postfix/{name}", values))
    _override(config / "main.cf", MAIL_EXTRA.format(transports=transports))
    for name, mode in (("postfix-files", 0o644), ("post-install", 0o755), ("postfix-script", 0o755)):
        shutil.copyfile(f"/etc/postfix/{name}", config / name)
        (config / name).chmod(mode)
    for name in ("postfix-files.d", "dynamicmaps.cf.d"):
        (config / name).mkdir(exist_ok=True)
    subprocess.run(["postfix", "-c", str(config), "check"], check=True, capture_output=True)
    argv = ["/usr/lib/postfix/sbin/master", "-d", "-c", str(config)]
    with process(argv, root / "postfix.out", lambda: listens(port), cwd=queue):
        yield config


@contextlib.contextmanager
def postfix(root: Path, config: Path) -> Iterator[int]:
    argv = ["postfix", "-c", str(config), "start-fg"]
    with process(argv, root / "postfix.out", (root / "queue/private/proxymap").exists) as pid:
        yield pid


PDNS = """
local-address=127.0.0.1
local-port={dns}
socket-dir={root}
setuid=pdns
setgid=pdns
webserver=yes
webserver-address=127.0.0.1
webserver-port={api}
webserver-allow-from=127.0.0.0/8
webserver-max-bodysize=64
api=yes
api-key={secret}
daemon=no
guardian=no
primary=yes
launch=gsqlite3
gsqlite3-database={root}/pdns.db
gsqlite3-dnssec=yes
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
direct-dnskey=yes
gsqlite3-pragma-journal-mode=WAL
expand-alias=yes
resolver=127.0.0.1:{aliases}
"""
PDNS_SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")


@contextlib.contextmanager
def powerdns(root: Path, dns: int, api: int) -> Iterator[int]:
    """``root`` is the server's own folder; an existing database in it is kept."""
    root.mkdir(exist_ok=True)
    give(root, "pdns")
    database = root / "pdns.db"
    if not database.exists():
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.executescript(PDNS_SCHEMA.read_text())
        give(database, "pdns")
    aliases = free_port()
    (root / "pdns.conf").write_text(PDNS.format(root=root, dns=dns, api=api, aliases=aliases, secret=SECRET))
    helper = [sys.executable, "-m", "nodeagent.aliases", f"127.0.0.1:{aliases}", f"127.0.0.1:{dns}"]
    with (
        process(["pdns_server", f"--config-dir={root}"], root / "pdns.log", lambda: listens(api)) as pid,
        process(helper, root / "aliases.log", lambda: True),
    ):
        yield pid


RSPAMD = """
options {{
  pidfile = "{root}/rspamd.pid"; tempdir = "{root}"; filters = "dkim"; map_watch_interval = 1s;
  dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }}
  local_addrs = []; url_tld = "{tld}"; hs_cache_dir = "{root}";
}}
logging {{ type = "console"; level = "info"; }}
lua = "/usr/share/rspamd/rules/rspamd.lua";
modules {{ path = "/usr/share/rspamd/plugins/"; }}
worker "controller" {{
  bind_socket = "127.0.0.1:{port}"; password = "{secret}"; secure_ip = "127.0.0.1"; count = 1;
}}
actions {{ reject = 9999; add_header = 9998; greylist = 9997; }}
dkim_signing {{
  enabled = true; sign_authenticated = true; sign_local = false; sign_inbound = false;
  allow_username_mismatch = true;
  use_domain = "header"; use_esld = false; try_fallback = false; use_redis = false; check_pubkey = false;
  path = "{dkim}/$domain.$selector.key"; selector_map = "{dkim}/selectors.map";
}}
"""


@contextlib.contextmanager
def rspamd(root: Path, dkim: Path, port: int) -> Iterator[int]:
    """``dkim`` must hold its selectors.map already."""
    root.mkdir(exist_ok=True)
    give(root, "_rspamd")
    # Reading the whole list of public suffixes takes ten seconds, and signing needs none.
    (root / "tld.dat").write_text("test\n")
    (root / "rspamd.conf").write_text(
        RSPAMD.format(tld=root / "tld.dat", root=root, dkim=dkim, port=port, secret=SECRET)
    )
    argv = ["rspamd", "-f", "-c", str(root / "rspamd.conf"), "-u", "_rspamd", "-g", "_rspamd"]
    with process(argv, root / "rspamd.log", lambda: listens(port)) as pid:
        yield pid


COMMANDS = "+@all -@admin -@dangerous +info"


@contextlib.contextmanager
def redis(root: Path, port: int, node: str) -> Iterator[int]:
    """With the ACL that deploy/ gives a node: its own keys and nothing else."""
    keys = [f"~{name}.{node}" for name in ("node", "report", "unacked", "unacked_index", "unacked_mutex")]
    bindings = ("_kombu.binding", "_kombu.binding_permanent")
    keys += [f"~{binding}.{queue}.{node}" for binding in bindings for queue in ("node", "report")]
    acl = f"user {node} on >{SECRET} resetchannels {' '.join(keys)} {COMMANDS}"
    (root / "users.acl").write_text(f"user default on >{SECRET} ~* &* +@all\n{acl}\n")
    argv = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--aclfile",
        str(root / "users.acl"),
    ]
    with process(argv, root / "redis.log", lambda: listens(port)) as pid:
        yield pid


def clear(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
