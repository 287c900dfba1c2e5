"""What the tests of clients' and plans' pages have in common; the people are in conftest."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import Plan
from accounts.models.limits import FEATURES
from panel.clients.forms import PlanForm
from tests.panel.people import Person

POOL = {
    "max_domains": 1000,
    "max_mailboxes": 5000,
    "max_forwarders": 9000,
    "storage_mb": 10**7,
    "sends_per_hour": 90000,
}
SECRET = "Casa Secreta"


def reauthenticated(who: Person) -> None:
    session = who.client.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session["account_authentication_methods"] = [
        {"method": "password", "at": timezone.now().timestamp(), "reauthenticated": True}
    ]
    session.save()


def get(who: Person, name: str, *args: Any, query: str = "") -> str:
    answer = who.client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def names(html: str) -> list[str]:
    rows = html.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0] if "<tbody>" in html else ""
    return [part.split(">", 1)[1].split("<", 1)[0] for part in rows.split('<a class="strong" href=')[1:]]


def plan_fields(**changes: Any) -> dict[str, Any]:
    wanted = {name: str(value) for name, value in PlanForm.shown(Plan()).items()}
    wanted |= dict.fromkeys(FEATURES, "on") | {"name": "Medium"}
    return wanted | changes


def sure_of(html: str) -> str:
    """What the button on a preview says yes to."""
    found = re.search(r'name="sure"\s+value="([^"]+)"', html)
    assert found, "the page shows no preview"
    return found[1]
