"""``node add``: tell the panel about a machine, or what changed about it; ``node invite``: let one join
that tells its keys itself; ``node drain``: give it no new domains; ``node list``: what the panel knows."""

from __future__ import annotations

import contextlib
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lib.errors import Refused
from provision import selectors, services
from provision.broker import BrokerAway
from provision.joining import users
from provision.joining.services import Invitation, node_invite
from provision.management import telling
from provision.models import Node
from provision.placement import node_place


class Command(BaseCommand):
    help = "Add or change a node, or list the nodes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("list", help="name, roles, last report, pushes that wait")
        add = what.add_parser("add", help="add a node, or change the one of this name")
        add.add_argument("name", help="lower case letters, digits, hyphens: mail1")
        add.add_argument("--roles", required=True, help="mail, dns or mail,dns")
        add.add_argument("--host", required=True, help="the name that MX records and mail programs use")
        add.add_argument("--address", action="append", default=[], help="IP address; more than once for more")
        add.add_argument("--ports", default="{}", help='JSON: {"imap": 143, …}')
        add.add_argument("--public-key", required=True, help="base64, printed by python -m nodeagent keygen")
        add.add_argument("--ingest-token-hash", required=True, help="SHA-256 of the ingest token, hex")
        add.add_argument("--sealing-key", default="", help="base64, printed by python -m nodeagent sealkey")

        invite = what.add_parser("invite", help="let a node of this name join")
        invite.add_argument("name", nargs="?", default="", help="lower case letters, digits, hyphens: mail3")
        invite.add_argument("--roles", default="mail", help="mail, dns or mail,dns; or secondary")
        invite.add_argument("--host", default="", help="the name that MX records and mail programs use")
        invite.add_argument("--address", action="append", default=[], help="as for add")
        invite.add_argument("--ports", default="{}", help="as for add")
        invite.add_argument("--pool", default="", help="it takes domains of plans that name this pool")
        invite.add_argument("--token-hash", default="", help="SHA-256 of a token made elsewhere, hex")
        invite.add_argument("--file", type=Path, help="a JSON list of invitations, instead of all else")
        drain = what.add_parser("drain", help="give it no new domains; what it has stays")
        drain.add_argument("name")
        drain.add_argument("--off", action="store_true", help="give it new ones again")
        pool = what.add_parser("pool", help="which domains it takes: those of plans that name this pool")
        pool.add_argument("name")
        pool.add_argument("pool", help='"" for plans that name none')

        rebuild = what.add_parser("rebuild", help="send it everything again, and say what is missing")
        rebuild.add_argument("name")
        rebuild.add_argument("--wait", type=float, default=600, help="seconds until all shall be live")

    def handle(self, *args: Any, **options: Any) -> None:
        {
            "list": self._list,
            "add": self._add,
            "invite": self._invite,
            "drain": self._drain,
            "pool": self._pool,
            "rebuild": self._rebuild,
        }[options["what"]](options)

    def _invite(self, options: dict[str, Any]) -> None:
        for each in _file(options["file"]) if options["file"] else [_one(options)]:
            try:
                done = node_invite(Invitation(**each))
            except TypeError as error:
                raise CommandError(f"an invitation has other fields: {error}") from error
            except Refused as refused:
                raise CommandError(f"{refused.field}: {refused.message}") from refused
            self.stdout.write(f"{done.node} {'is invited' if done.created else 'is up to date'}")
            if done.token:
                self.stdout.write(f"Its token, shown this once: {done.token}")
        with contextlib.suppress(BrokerAway):  # said in the log; Beat lets them in
            users.let_in(Node.objects.exclude(public_key=""))

    def _drain(self, options: dict[str, Any]) -> None:
        node = self._place(options["name"], draining=not options["off"])
        self.stdout.write(f"{node} takes {'no ' if node.draining else ''}new domains")

    def _pool(self, options: dict[str, Any]) -> None:
        node = self._place(options["name"], pool=options["pool"])
        whose = f"name the pool {node.pool}" if node.pool else "name no pool"
        self.stdout.write(f"{node} takes domains of plans that {whose}")

    def _rebuild(self, options: dict[str, Any]) -> None:
        telling.rebuild(self._node(options["name"]), within=options["wait"], say=self.stdout.write)

    def _node(self, name: str) -> Node:
        node = Node.objects.filter(name=name).first()
        if node is None:
            raise CommandError(f"there is no node {name}")
        return node

    def _place(self, name: str, **wish: Any) -> Node:
        try:
            return node_place(actor=None, node=self._node(name), **wish)
        except Refused as refused:
            raise CommandError(f"{refused.field}: {refused.message}") from refused

    def _add(self, options: dict[str, Any]) -> None:
        try:
            ports = json.loads(options["ports"])
        except ValueError as error:
            raise CommandError("--ports is not JSON") from error
        try:
            node, created = services.node_set(
                name=options["name"],
                roles=[role.strip() for role in options["roles"].split(",") if role.strip()],
                host=options["host"],
                addresses=options["address"],
                ports=ports,
                public_key=options["public_key"],
                ingest_token_hash=options["ingest_token_hash"],
                sealing_key=options["sealing_key"],
            )
        except Refused as refused:
            raise CommandError(f"{refused.field}: {refused.message}") from refused
        self.stdout.write(f"{node} {'added' if created else 'is up to date'}")

    def _list(self, options: dict[str, Any]) -> None:
        nodes = list(Node.objects.all())
        waiting = selectors.waiting_by_node(nodes)
        for node in nodes:
            seen = (
                f"last report {node.last_report_at:%Y-%m-%d %H:%M:%S} UTC"
                if node.last_report_at
                else "never reported"
            )
            trouble = f", {node.trouble}" if node.trouble else ""
            told = f"{seen}, {waiting.get(node.pk, 0)} waiting{trouble}"
            self.stdout.write(f"{node}  {','.join(node.roles)}  {node.host}  {told}")


def _one(options: dict[str, Any]) -> dict[str, Any]:
    try:
        ports = json.loads(options["ports"])
    except ValueError as error:
        raise CommandError("--ports is not JSON") from error
    return {
        "name": options["name"],
        "roles": [role.strip() for role in options["roles"].split(",") if role.strip()],
        "host": options["host"],
        "addresses": options["address"],
        "ports": ports,
        "pool": options["pool"],
        "token_hash": options["token_hash"],
    }


def _file(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise CommandError(f"{path} is no list of invitations")
    return found
