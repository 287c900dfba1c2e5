"""``node add``: tell the panel about a machine, or what changed about it. ``node list``: what it knows."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lib.errors import Refused
from provision import selectors, services
from provision.models import Node


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

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "list":
            self._list()
            return
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

    def _list(self) -> None:
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
