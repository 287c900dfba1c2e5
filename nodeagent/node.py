"""Puts a node together: configuration → directory, backends, engine. The one place that knows which backend
serves what."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from nodeagent import ledger
from nodeagent.apply import Engine
from nodeagent.backends.base import BackendError, EffectBackend, RowBackend
from nodeagent.backends.belongings import TABLES
from nodeagent.backends.dnsproof import Prober
from nodeagent.backends.dovecot import Doveadm, DovecotBackend
from nodeagent.backends.homes import HomesBackend
from nodeagent.backends.jobs import JobBackend
from nodeagent.backends.postfix import PostfixBackend
from nodeagent.backends.powerdns import PowerDnsBackend
from nodeagent.backends.rspamd import RspamdBackend
from nodeagent.backends.scripts import ScriptsBackend
from nodeagent.backends.tables import TableBackend
from nodeagent.config import Config, Mail, load
from nodeagent.contract import Hold, ManifestPage
from nodeagent.directory import Directory, create
from nodeagent.queue.holding import Holder
from nodeagent.reporting import Signer

log = logging.getLogger(__name__)

THREADS = 8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """``dovecot`` and ``doveadm``: on mail nodes; the first measures."""

    config: Config
    engine: Engine
    dovecot: DovecotBackend | None
    doveadm: Doveadm | None
    signer: Signer


@functools.cache
def this_node() -> Node:
    """The node of this process. First called in the worker, after any fork."""
    return build(load())


def build(config: Config) -> Node:
    directory = Directory(config.directory)
    rows: list[RowBackend] = []
    effects: list[EffectBackend] = []
    dovecot, doveadm = None, None
    if mail := config.mail:
        # Threads of its own: a proof waits for its kicks, and must never wait for itself.
        kickers = ThreadPoolExecutor(THREADS, thread_name_prefix="kick")
        doveadm = Doveadm(mail.doveadm_url, mail.doveadm_key_file)
        dovecot = DovecotBackend(directory, doveadm, kickers)
        rows = [PostfixBackend(directory, mail.postfix_config, doveadm.kick, kickers), dovecot]
        askers = {Hold.KIND: Holder(directory, mail.queue_socket)}
        rows += [
            TableBackend(table, directory, doveadm.kick, kickers, askers.get(table.kind)) for table in TABLES
        ]
        effects += [_rspamd(mail), HomesBackend(directory, mail.mail_root)]
        if mail.sieve_config:
            effects.append(ScriptsBackend(mail.mail_root, mail.sieve_config))
    if config.mail and config.jobs:
        effects.append(JobBackend(config.jobs.db))
    if config.dns:
        effects.append(
            PowerDnsBackend(config.dns.pdns_url, config.dns.pdns_key_file, Prober(config.dns.server))
        )
    engine = Engine(
        directory=directory,
        rows={backend.kind: backend for backend in rows},
        effects={backend.kind: backend for backend in effects},
        provers=ThreadPoolExecutor(THREADS, thread_name_prefix="prove"),
        doers=ThreadPoolExecutor(THREADS, thread_name_prefix="do"),
    )
    return Node(
        config=config,
        engine=engine,
        dovecot=dovecot,
        doveadm=doveadm,
        signer=Signer(config.name, config.signing_key_file),
    )


def prepare(config: Config) -> None:
    """Everything that must be there before the servers start. May run at any time, any number of times."""
    create(
        config.directory,
        owner=config.directory_owner,
        group=config.directory_group,
        former=config.former_directory,
    )
    if config.mail:
        _rspamd(config.mail).prepare(config.directory_owner)


def manifest_pages(engine: Engine) -> Iterator[ManifestPage]:
    """Everything the node holds. What the servers lost behind the ledger's back is noticed first, and shown
    as unproven."""
    _doubt_what_is_lost(engine)
    after = ""
    while True:
        with engine.directory.reading() as connection:
            page = ledger.manifest(connection, after)
        yield page
        if page["upto"] is None:
            return
        after = page["upto"]


def _doubt_what_is_lost(engine: Engine) -> None:
    for backend in (*engine.rows.values(), *engine.effects.values()):
        with engine.directory.reading() as connection:
            entries = [entry for entry in ledger.of_kind(connection, backend.kind) if entry.proven]
        try:
            lost = list(backend.lost(entries))
        except BackendError as error:
            log.warning("%s: not compared with the server: %s", backend.kind, error)
            continue
        if lost:
            log.warning("%s: %d objects are not on the server as they were left", backend.kind, len(lost))
            with engine.directory.writing() as connection:
                ledger.doubt(connection, lost)


def _rspamd(mail: Mail) -> RspamdBackend:
    return RspamdBackend(
        mail.dkim_dir, mail.rspamd_url, group=mail.rspamd_group, password_file=mail.rspamd_password_file
    )
