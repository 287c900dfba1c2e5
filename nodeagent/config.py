"""What the node agent is told by its environment; deploy/ writes it. Nothing here is read twice."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path

from nodeagent.contract import ROLE_DNS, ROLE_MAIL

ROLES = {ROLE_MAIL, ROLE_DNS}


class ConfigError(Exception):
    """A variable is missing or wrong; the message names it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An IP address and a port."""

    host: str
    port: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail role. Paths are absolute. ``mail_root``: every mailbox's home is below it. ``sieve_config``:
    Dovecot's settings of Sieve, for its tools; without it the node takes no scripts. ``bounces_socket``:
    where Postfix asks about forwarded mail, ``srs_key_file``: the secret of that. ``policy_*``: where the
    sending limit is asked for and where it counts; only its service needs them. ``queue_socket``: where the
    keeper of the queue listens, for ``queue_group`` alone. ``room_socket``: where Postfix asks whether there
    is room (nodeagent.room), ``quota_socket``: where that asks Dovecot. ``senders_socket``: where rspamd asks
    whose a From is (nodeagent.senders). ``inject_settings``: those of what sends forwarded mail
    (nodeagent.inject)."""

    mail_root: Path
    postfix_config: Path
    doveadm_url: str
    doveadm_key_file: Path
    dkim_dir: Path
    sieve_config: Path | None
    bounces_socket: Path | None
    srs_key_file: Path | None
    policy_socket: Path | None
    policy_db: Path | None
    room_socket: Path | None
    quota_socket: Path | None
    senders_socket: Path | None
    inject_settings: Path | None
    queue_socket: Path | None
    queue_group: str
    rspamd_url: str
    rspamd_group: str
    rspamd_password_file: Path | None
    rspamd_socket: Path | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Dns:
    """The DNS role. ``pdns_url`` ends in ``/servers/localhost``."""

    pdns_url: str
    pdns_key_file: Path
    server: Address


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Long work. ``db``: which jobs there are; their folders are beside it. ``sealing_key_file``: opens what
    the panel seals for this node. ``mail_user``: whom mail belongs to. ``import_allow``: networks that mail
    is imported from although they are not public; for tests alone. ``archives_url``: where archives go to
    and come from, with ``token_file`` and ``ca_file`` as for events."""

    db: Path
    sealing_key_file: Path | None
    mail_user: str
    import_allow: tuple[str, ...]
    archives_url: str
    token_file: Path | None
    ca_file: Path | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One node. ``directory``: the SQLite file with the ledger and, on a mail node, the rows the servers
    read. ``former_directory``: that of the schema before, which a new one begins with."""

    name: str
    directory: Path
    former_directory: Path | None
    directory_owner: str
    directory_group: str
    signing_key_file: Path
    broker_url: str
    mail: Mail | None
    dns: Dns | None
    jobs: Jobs | None = None


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def text(self, name: str, default: str | None = None) -> str:
        value = self.environment.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise ConfigError(f"{name} is not set in the node's environment")
        return default

    def path(self, name: str) -> Path:
        path = Path(self.text(name))
        if not path.is_absolute():
            # Postfix keeps its old configuration without a word when it is given a relative folder.
            raise ConfigError(f"{name} must be an absolute path, not {path}")
        return path

    def path_or_none(self, name: str) -> Path | None:
        return self.path(name) if self.text(name, "") else None

    def address(self, name: str) -> Address:
        host, _, port = self.text(name).rpartition(":")
        if not host or not port.isdecimal():
            raise ConfigError(f"{name} must be ADDRESS:PORT")
        return Address(host=host.strip("[]"), port=int(port))


def load(environment: Mapping[str, str] | None = None) -> Config:
    """Read the node's configuration. Raises ConfigError with the name of the variable that is wrong."""
    read = _Reader(os.environ if environment is None else environment)
    roles = {role.strip() for role in read.text("NODE_ROLES").split(",")}
    if not roles or roles - ROLES:
        raise ConfigError(f"NODE_ROLES must be a list of {', '.join(sorted(ROLES))}")
    return Config(
        name=read.text("NODE_NAME"),
        directory=read.path("DIRECTORY_DB" if ROLE_MAIL in roles else "LEDGER_DB"),
        former_directory=read.path_or_none("DIRECTORY_FORMER_DB"),
        directory_owner=read.text("DIRECTORY_OWNER", ""),
        directory_group=read.text("DIRECTORY_GROUP", ""),
        signing_key_file=read.path("SIGNING_KEY_FILE"),
        broker_url=read.text("AGENT_BROKER_URL"),
        mail=_mail(read) if ROLE_MAIL in roles else None,
        dns=_dns(read) if ROLE_DNS in roles else None,
        jobs=_jobs(read) if read.text("JOBS_DB", "") else None,
    )


def _jobs(read: _Reader) -> Jobs:
    return Jobs(
        db=read.path("JOBS_DB"),
        sealing_key_file=read.path_or_none("SEALING_KEY_FILE"),
        mail_user=read.text("MAIL_USER", ""),
        import_allow=tuple(read.text("IMPORT_ALLOW", "").split()),
        archives_url=read.text("ARCHIVES_URL", ""),
        token_file=read.path_or_none("INGEST_TOKEN_FILE"),
        ca_file=read.path_or_none("INGEST_CA_FILE"),
    )


def _mail(read: _Reader) -> Mail:
    return Mail(
        mail_root=read.path("MAIL_ROOT"),
        postfix_config=read.path("POSTFIX_CONFIG_DIR"),
        doveadm_url=read.text("DOVEADM_URL"),
        doveadm_key_file=read.path("DOVEADM_API_KEY_FILE"),
        dkim_dir=read.path("DKIM_DIR"),
        sieve_config=read.path_or_none("SIEVE_CONFIG"),
        bounces_socket=read.path_or_none("BOUNCES_SOCKET"),
        srs_key_file=read.path_or_none("SRS_KEY_FILE"),
        policy_socket=read.path_or_none("POLICY_SOCKET"),
        policy_db=read.path_or_none("POLICY_DB"),
        room_socket=read.path_or_none("ROOM_SOCKET"),
        quota_socket=read.path_or_none("QUOTA_SOCKET"),
        senders_socket=read.path_or_none("SENDERS_SOCKET"),
        inject_settings=read.path_or_none("INJECT_SETTINGS"),
        queue_socket=read.path_or_none("QUEUE_SOCKET"),
        queue_group=read.text("QUEUE_GROUP", ""),
        rspamd_url=read.text("RSPAMD_URL"),
        rspamd_group=read.text("RSPAMD_GROUP", ""),
        rspamd_password_file=read.path_or_none("RSPAMD_PASSWORD_FILE"),
        rspamd_socket=read.path_or_none("RSPAMD_SOCKET"),
    )


def _dns(read: _Reader) -> Dns:
    return Dns(
        pdns_url=read.text("PDNS_URL"),
        pdns_key_file=read.path("PDNS_API_KEY_FILE"),
        server=read.address("DNS_SERVER"),
    )
