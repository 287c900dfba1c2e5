"""`manage.py demo --out FILE [--mails]`: the demo provider, its sign-ins in FILE, its mails sent."""

from __future__ import annotations

import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Domain
from delivery import selectors as delivery
from mailboxes.addresses.provider import providers_settle
from mailboxes.models import MailDomain
from panel import demo, demo_mail
from provision.models import Push

LIVE_WITHIN = 90  # seconds
LATER_WITHIN = 10  # on a later start: what a customer broke since is shown in the panel, and stops nobody


class Command(BaseCommand):
    help = "Make or mend the demo provider; write its sign-ins (JSON, mode 0600) and send a few mails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--out", type=Path, required=True, help="where the sign-ins go, and are read from if there"
        )
        parser.add_argument("--mails", action="store_true", help="wait until all is live, send a few mails")

    def handle(self, *args: Any, out: Path, mails: bool, **options: Any) -> None:
        before = _read(out)
        made = demo.make(_passwords(before))
        providers_settle()  # the first admin is here now
        after = {"sign_ins": made.sign_ins, "mailboxes": made.mailboxes, "mails": before.get("mails", 0)}
        _write(out, after)
        self.stdout.write(f"{len(made.sign_ins)} people, {len(made.mailboxes)} mailboxes")
        if not mails:
            return
        if late := _not_live(made, within=LIVE_WITHIN if not after["mails"] else LATER_WITHIN):
            if not after["mails"]:
                raise CommandError(late)
            self.stdout.write(late)
        else:
            self.stdout.write("all live on the nodes")
        if not after["mails"]:
            node = MailDomain.objects.select_related("node").get(domain__name=demo.DOMAIN).node
            after["mails"] = demo_mail.send_all(node, _passwords(after))
            _write(out, after)
            _wait_until_listed(after["mails"])
            self.stdout.write(f"{after['mails']} mails sent, and listed in Track Delivery")


def _passwords(known: Mapping[str, Any]) -> dict[str, str]:
    """By login and by address; what is not of the right shape counts as unknown and is made again."""
    people = {row["login"]: row["password"] for row in known.get("sign_ins", [])}
    return people | {row["address"]: row["password"] for row in known.get("mailboxes", [])}


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(path: Path, known: Mapping[str, Any]) -> None:
    """Whole or not at all, and never readable by others."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(known, file, indent=1)
    partial.replace(path)


def _not_live(made: demo.Demo, *, within: float) -> str:
    """Wait for what the demo is made of. Empty when all of it is live, else the first reason why not."""
    until = time.monotonic() + within
    keys = [f"mailbox/{box['address']}" for box in made.mailboxes]
    keys += [f"{kind}/{name}" for name in demo.BOXES for kind in ("mail_domain", "zone")]
    while behind := Push.objects.behind().filter(key__in=keys).order_by("pk").first():
        if time.monotonic() > until:
            return (
                f"{behind.key} is not live after {within} s: {behind.last_error or 'no report from its node'}"
            )
        time.sleep(0.2)
    return ""


def _wait_until_listed(mails: int) -> None:
    """The way of a log line, from the mail server to the list, is whole."""
    until = time.monotonic() + LIVE_WITHIN
    domain = Domain.objects.get(name=demo.DOMAIN)
    while (listed := len(delivery.recent(domain=domain, limit=mails))) < mails:
        if time.monotonic() > until:
            raise CommandError(f"{listed} of {mails} mails are in Track Delivery after {LIVE_WITHIN} s")
        time.sleep(0.2)
