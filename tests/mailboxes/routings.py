"""What the tests of Email Routing share."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from dnszone.models import Record, Zone
from dnszone.services import Change, Note, RecordSpec, zone_apply
from mailboxes.models import MailDomain
from mailboxes.routing import services
from mailboxes.routing.deciding import Answer, Finding, Host, Whose
from provision.models import Push
from tests.mailboxes.conftest import World

Pushed = Callable[[str], Any]
KEY = "mail_domain/example.test"
HERE = Finding(Answer.MX, (Host(10, "mail1.postroom.test", Whose.OURS),))
ELSEWHERE = Finding(Answer.MX, (Host(1, "aspmx.elsewhere.test", Whose.OTHER),))


def now(mail: MailDomain) -> MailDomain:
    return MailDomain.objects.select_related("domain__account", "node").get(pk=mail.pk)


def switch(world: World, mode: str, actor: Any = None) -> MailDomain:
    return services.routing_switch(actor=actor or world.owner, mail_domain=world.mail, mode=mode)


def store(world: World, finding: Finding) -> MailDomain:
    found = services.look_store(mail_domain=world.mail, finding=finding)
    assert found is not None
    return found


def sent(name: str) -> str:
    """What the node shall do."""
    payload = Push.objects.get(key=f"mail_domain/{name}").payload
    assert payload is not None
    return str(payload["routing"])


def mx_of(zone: Zone) -> list[str]:
    return sorted(Record.objects.filter(zone=zone, owner="@", type="MX").values_list("rdata", flat=True))


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def replace_mx(world: World, zone: Zone, rdata: str, **note: str) -> None:
    old = Record.objects.get(zone=zone, owner="@", type="MX")
    spec = RecordSpec(owner="@", type="MX", rdata=rdata)
    change = Change(record=old.pk, spec=spec)
    zone_apply(actor=world.owner, zone=zone, changes=[change], note=Note(**note))


def add(world: World, zone: Zone, spec: RecordSpec) -> None:
    zone_apply(actor=world.owner, zone=zone, changes=[Change(spec=spec)])
