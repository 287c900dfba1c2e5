"""`manage.py demo --out FILE [--endpoints FILE]`: the demo provider, its sign-ins in FILE, its mails sent."""

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
from panel import demo, demo_mail
from provision.models import Push

LIVE_WITHIN = 90  # seconds


class Command(BaseCommand):
    help = "Make or mend the demo provider; write its sign-ins (JSON, mode 0600) and send a few mails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--out", type=Path, required=True, help="where the sign-ins go, and are read from if there"
        )
        parser.add_argument(
            "--endpoints",
            type=Path,
            default=os.environ.get("POSTROOM_ENDPOINTS"),
            help="the stack's endpoints.json; without it no mail is sent",
        )

    def handle(self, *args: Any, out: Path, endpoints: Path | str | None, **options: Any) -> None:
        before = _read(out)
        made = demo.make(_passwords(before))
        after = {"sign_ins": made.sign_ins, "mailboxes": made.mailboxes, "mails": before.get("mails", 0)}
        _write(out, after)
        self.stdout.write(f"{len(made.sign_ins)} people, {len(made.mailboxes)} mailboxes")
        if endpoints is None:
            return
        _wait_until_live()
        self.stdout.write("all live on the node")
        if not after["mails"]:
            stack = json.loads(Path(endpoints).read_text())
            after["mails"] = demo_mail.send_all(stack, _passwords(after))
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


def _wait_until_live() -> None:
    """Raises CommandError with the first reason when something is not applied in time."""
    until = time.monotonic() + LIVE_WITHIN
    while behind := Push.objects.behind().order_by("pk").first():
        if time.monotonic() > until:
            why = behind.last_error or "no report from its node"
            raise CommandError(f"{behind.key} is not live after {LIVE_WITHIN} s: {why}")
        time.sleep(0.2)


def _wait_until_listed(mails: int) -> None:
    """The way of a log line, from the mail server to the list, is whole."""
    until = time.monotonic() + LIVE_WITHIN
    domain = Domain.objects.get(name=demo.DOMAIN)
    while (listed := len(delivery.recent(domain=domain, limit=mails))) < mails:
        if time.monotonic() > until:
            raise CommandError(f"{listed} of {mails} mails are in Track Delivery after {LIVE_WITHIN} s")
        time.sleep(0.2)
