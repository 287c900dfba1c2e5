"""The node agent: its environment, its keys, its directory, its worker and its log shipper."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import os
import shlex
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.stack import probe
from deploy.stack.files import folder, write
from deploy.stack.layout import CODE, LOOPBACK, SYSTEM_USER, Failure, Stack
from deploy.stack.ports import MAIL_PORTS
from deploy.stack.program import NotReady, Program, as_user, environment, ours
from deploy.stack.services.mail import DIRECTORY_GROUP
from nodeagent.contract import ROLE_DNS, ROLE_MAIL

CAP_DAC_READ_SEARCH = 2


def env(stack: Stack) -> dict[str, str]:
    """The node's environment (nodeagent/config.py reads it)."""
    node, ports = stack.node, stack.ports
    found = {
        "NODE_NAME": node.name,
        "NODE_ROLES": ",".join(node.roles),
        "NODE_DIR": str(node.dir),
        "DIRECTORY_OWNER": stack.user,
        "AGENT_BROKER_URL": f"redis://{node.name}:{stack.secrets[f'redis_{node.name}']}"
        f"@{stack.broker_host}:{ports['redis']}/0",
        "SIGNING_KEY_FILE": str(node.secrets / "signing_key"),
        "SEALING_KEY_FILE": str(node.secrets / "sealing_key"),
        "INGEST_TOKEN_FILE": str(node.secrets / "ingest_token"),
        "INGEST_CA_FILE": str(stack.ca / "ca.pem"),
        "HOME": str(stack.root / "home"),
    }
    token = stack.ca / "join_token"
    if token.exists():  # bin/up tells the panel of its node itself
        found |= {"JOIN_URL": f"{stack.panel_url}/nodes/v1/join", "JOIN_TOKEN_FILE": str(token)}
    if ROLE_DNS in node.roles:
        found |= {
            "PDNS_URL": f"http://{LOOPBACK}:{ports['pdns_api']}/api/v1/servers/localhost",
            "PDNS_API_KEY_FILE": str(node.secrets / "pdns_api"),
            "DNS_SERVER": f"{LOOPBACK}:{ports['dns']}",
        }
    if ROLE_MAIL not in node.roles:
        return found | {"LEDGER_DB": str(node.directory_db), "DIRECTORY_GROUP": stack.user}
    return found | _mail_env(stack)


def _mail_env(stack: Stack) -> dict[str, str]:
    node, ports = stack.node, stack.ports
    imports = os.environ.get("POSTROOM_IMPORT_ALLOW", "")
    return {
        "DIRECTORY_DB": str(node.directory_db),
        "DIRECTORY_FORMER_DB": str(node.former_directory_db),
        "DIRECTORY_GROUP": DIRECTORY_GROUP,
        "MAIL_ROOT": str(node.mail_root),
        "POSTFIX_CONFIG_DIR": str(node.postfix),
        "SIEVE_CONFIG": str(node.dovecot / "sieve.conf"),
        "DOVEADM_URL": f"http://{LOOPBACK}:{ports['doveadm']}/doveadm/v1",
        "DOVEADM_API_KEY_FILE": str(node.secrets / "doveadm_api"),
        "DKIM_DIR": str(node.dkim),
        "POLICY_SOCKET": str(node.policy / "ask.sock"),
        "BOUNCES_SOCKET": str(node.policy / "bounces.sock"),
        "SRS_KEY_FILE": str(node.secrets / "srs"),
        "POLICY_DB": str(node.policy / "sent.db"),
        "ROOM_SOCKET": str(node.policy / "room.sock"),
        "SENDERS_SOCKET": str(node.senders / "ask.sock"),
        "INJECT_SETTINGS": str(node.dovecot / "inject" / "settings.json"),
        "QUOTA_SOCKET": str(node.policy / "quota-status"),
        "QUEUE_SOCKET": str(node.queue_keeper / "ask.sock"),
        "QUEUE_GROUP": SYSTEM_USER,
        "RSPAMD_URL": f"http://{LOOPBACK}:{ports['rspamd']}",
        "RSPAMD_PASSWORD_FILE": str(node.secrets / "rspamd"),
        "RSPAMD_SOCKET": str(node.rspamd / "ask.sock"),
        "INGEST_URL": f"{stack.panel_url}/ingest/v1/events",
        "MAIL_LOG": str(node.log / "mail.log"),
        "DOVECOT_LOG": str(node.log / "dovecot.log"),
        "RSPAMD_LOG": str(node.rspamd_log),
        "CURSOR_DIR": str(node.dir / "cursor"),
        "JOBS_DB": str(node.jobs / "jobs.db"),
        "MAIL_USER": SYSTEM_USER,
        # For tests: networks that mail may be imported from although they are not public.
        "IMPORT_ALLOW": imports,
        **({"SSL_CERT_FILE": str(stack.ca / "ca.pem")} if imports else {}),
        "ARCHIVES_URL": f"{stack.panel_url}/archives/v1/",
    }


# File of the node → the secret that it holds.
COMMON_SECRETS = {"ingest_token": "ingest_{node}"}
MAIL_SECRETS = {"doveadm_api": "doveadm_api", "rspamd": "rspamd", "srs": "srs"}
DNS_SECRETS = {"pdns_api": "pdns_api"}


def prepare(stack: Stack) -> None:
    node, owner = stack.node, stack.user
    folder(node.secrets, owner=owner, mode=0o700)
    secrets = dict(COMMON_SECRETS)
    if ROLE_DNS in node.roles:
        secrets |= DNS_SECRETS
    if ROLE_MAIL in node.roles:
        secrets |= MAIL_SECRETS
        _prepare_mail(stack)
    else:
        folder(node.directory_db.parent, owner=owner, mode=0o750)
    for name, secret in secrets.items():
        value = stack.secrets[secret.format(node=node.name)]
        write(node.secrets / name, value + "\n", owner=owner, mode=0o600)
    write(node.env_file, env_text(env(stack)), owner=owner, mode=0o600)


def _prepare_mail(stack: Stack) -> None:
    node, owner = stack.node, stack.user
    folder(node.dir / "cursor", owner=owner, mode=0o700)
    folder(node.jobs, owner=owner, mode=0o700)
    # setgid: the socket made inside belongs to Postfix's group, and nobody else reaches it.
    folder(node.queue_keeper, group=SYSTEM_USER, mode=0o750)
    folder(node.policy, owner=owner, group=DIRECTORY_GROUP, mode=0o2750)
    # rspamd, and nobody else, asks whose a From is.
    folder(node.senders, owner=owner, group="_rspamd", mode=0o2750)


def env_text(variables: dict[str, str]) -> str:
    """An environment file that a shell reads back exactly (deploy/with-env)."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())


def init(stack: Stack) -> None:
    """Make the directory and the signing key before the mail servers start. As root: it sets owners."""
    run_ours(stack, "the node's directory", ours(stack, stack.node.env_file, "-m", "nodeagent", "init"))
    key = stack.node.secrets / "signing_key"
    if not key.exists():
        command = ours(stack, stack.node.env_file, "-m", "nodeagent", "keygen", str(key))
        run_ours(stack, "the node's signing key", as_user(stack.user, command))


def sealing_key(stack: Stack) -> str:
    """The public half of the key that opens what the panel seals for the node; made if it is not there."""
    key = stack.node.secrets / "sealing_key"
    command = ours(stack, stack.node.env_file, "-m", "nodeagent", "sealkey", str(key))
    return run_ours(stack, "the node's sealing key", as_user(stack.user, command)).strip()


def reading_any_log(user: str, command: list[str]) -> list[str]:
    """``command`` as ``user`` who may also read files of root: a log that Postfix makes anew, after a
    rotation, is root's alone (postlogd, mode 0600). Containers know only the wider right of the two."""
    if user == "root":
        return command
    wanted = "dac_read_search" if _may_give(CAP_DAC_READ_SEARCH) else "dac_override"
    caps = [f"--{kind}-caps=-all,+{wanted}" for kind in ("inh", "ambient")]
    return [*as_user(user, [])[:-1], *caps, f"--bounding-set=-all,+{wanted}", "--", *command]


def _may_give(capability: int) -> bool:
    """Whether this process, and so its children, can have it (capabilities(7), CapBnd)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    bounding = next(line for line in status.splitlines() if line.startswith("CapBnd:"))
    return bool(int(bounding.split()[1], 16) >> capability & 1)


def run_ours(stack: Stack, what: str, command: list[str]) -> str:
    """Run one of our own programs to its end. Raises Failure with the last lines it wrote."""
    done = subprocess.run(
        command,
        cwd=CODE,
        env=environment(stack),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Failure("\n".join([f"{what}: exit status {done.returncode}", *lines[-12:]]))
    return done.stdout


def public_key(stack: Stack) -> str:
    """The public half of the node's signing key, base64 of its 32 bytes."""
    text = (stack.node.secrets / "signing_key").read_text(encoding="ascii")
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(text))
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def node_add_arguments(stack: Stack) -> list[str]:
    """What ``manage.py`` is told so that the panel knows this node."""
    node = stack.node
    ports = {name: stack.ports[name] for name in (*MAIL_PORTS, "dns")}
    token = hashlib.sha256(stack.secrets[f"ingest_{node.name}"].encode()).hexdigest()
    return [
        "node", "add", node.name,
        "--roles", ",".join(node.roles), "--host", node.host,
        *(part for address in node.addresses for part in ("--address", address)),
        "--ports", json.dumps(ports), "--public-key", public_key(stack), "--ingest-token-hash", token,
        "--sealing-key", sealing_key(stack),
    ]  # fmt: skip


def programs(stack: Stack) -> list[Program]:
    node = stack.node

    def listening() -> None:
        clients = probe.redis_clients(stack.ports["redis"], stack.secrets["redis"])
        if not any(f" user={node.name} " in line and " cmd=brpop" in line for line in clients):
            raise NotReady("the agent does not wait on its queue yet")

    agent = Program(
        name="agent",
        command=ours(stack, node.env_file, "-m", "nodeagent", "worker"),
        directory=CODE,
        user=stack.user,
        # A node that stands alone works without the panel's Redis, and knows no password to look into it.
        ready=listening if "redis" in stack.secrets else None,
    )
    return [agent, *_mail_programs(stack)] if ROLE_MAIL in node.roles else [agent]


def _mail_programs(stack: Stack) -> list[Program]:
    node = stack.node

    def program(name: str, verb: str, *sockets: Path, user: str = stack.user) -> Program:
        def answering() -> None:
            for path in sockets:
                probe.unix_socket(path)

        return Program(
            name=name,
            command=ours(stack, node.env_file, "-m", "nodeagent", verb),
            directory=CODE,
            user=user,
            ready=answering if sockets else None,
        )

    policy = (node.policy / name for name in ("ask.sock", "room.sock", "bounces.sock"))
    shipper = program("shipper", "ship", user="root")
    return [
        program("policy", "policy", *policy),
        program("senders", "senders", node.senders / "ask.sock"),
        # As root: Postfix lets nobody else touch its queue.
        program("keeper", "queue", node.queue_keeper / "ask.sock", user="root"),
        program("jobs", "jobs"),
        dataclasses.replace(shipper, command=reading_any_log(stack.user, shipper.command)),
    ]
