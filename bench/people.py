"""Whose account a journey or a measurement uses."""

from __future__ import annotations

import subprocess
import sys

from bench import journey
from bench.journey import PanelError
from bench.stack import ROOT, Stack
from bench.web import Browser


def customers(stack: Stack, login: str = "", password: str = "") -> tuple[Browser, Browser]:
    """Two customers, signed in, the first of them trusted with domains: the demo's, or the one given, or
    throw-away ones made for this run."""
    first = (login, password) if login else stack.sign_in("client")
    second = stack.sign_in("customer2")
    if first is None or second is None:
        made = throw_away(stack)
        first, second = first or made[0], second or made[1]
    return journey.sign_in(stack, *first), journey.sign_in(stack, *second)


def throw_away(stack: Stack, name: str = "smoke") -> list[tuple[str, str]]:
    """Two customers by `manage.py smoke_customers`, in the environment that the panel's own programs run in.
    Those of one ``name`` get new passwords each time, which signs out whoever uses them."""
    argv = [sys.executable, str(ROOT / "manage.py"), "smoke_customers", "--name", name]
    if "panel_env" in stack.raw:
        argv = [str(ROOT / "deploy" / "with-env"), stack.raw["panel_env"], *argv]
    made = subprocess.run(argv, capture_output=True, text=True, check=False)
    if made.returncode:
        raise PanelError(f"manage.py smoke_customers: {made.stderr.strip().splitlines()[-1:]}")
    return [
        (login, password)
        for login, _space, password in (row.partition(" ") for row in made.stdout.splitlines())
    ]
