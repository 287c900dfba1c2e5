"""The Zone Editor on a zone of 10,000 records: every order, searches, filters, pages on, a record's form, the
other pages of a zone, its versions, a draft with its preview. The last line is one JSON object of figures.
Started by bench.listing_start.
"""

from __future__ import annotations

import gc
import json
import re
import sys
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin

from django.core.management import call_command
from django.db import connection

from accounts.models import Account, Domain, Membership, User
from bench.figures import say
from bench.listing_pages import Panel, measure, middle, text
from bench.listing_seed import node_make
from dnszone import services
from dnszone.models import Record, Zone, ZoneVersion
from dnszone.services import Change, Note, RecordSpec
from mailboxes.services import mail_domain_create

RECORDS = 10_000
QUERIES = (
    "?q=host77",
    "?q=192.0.2.9",
    "?q=verification%3D0000",
    "?q=nothing-like-it",
    "?q=a",
    "?type=TXT",
    "?type=CNAME&sort=-value",
    "?type=panel",
    "?q=host&type=AAAA&sort=ttl",
)
_HEAD = re.compile(r"<thead>.*?</thead>", re.S)
_LINK = re.compile(r'<a[^>]*href="([^"]+)"')


def seed() -> tuple[User, Zone]:
    node = node_make(1)
    account = Account.objects.create(name="Large zone", max_domains=10)
    user = User.objects.create_user("owner@large.test", None, name="Owner")
    Membership.objects.create(account=account, user=user)
    domain = Domain.objects.create(account=account, name="large.test", display_name="large.test")
    zone = services.zone_create(actor=None, domain=domain, mail_node=node)
    mail_domain_create(actor=None, domain=domain, node=node)
    specs = [_spec(number) for number in range(RECORDS - Record.objects.filter(zone=zone).count())]
    note = Note(reason="seeded", origin="import")
    services.zone_apply(actor=None, zone=zone, changes=[Change(spec=spec) for spec in specs], note=note)
    for number in range(60):
        spec = RecordSpec(owner=f"later{number}", type="A", rdata="192.0.2.7")
        services.zone_apply(actor=user, zone=zone, changes=[Change(spec=spec)])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    zone.refresh_from_db()
    return user, zone


def _spec(number: int) -> RecordSpec:
    kinds = (
        ("A", f"192.0.2.{number % 250}"),
        ("AAAA", f"2001:db8::{number:x}"),
        ("TXT", f"verification={number:08x} of something with words in it"),
        ("CNAME", f"target{number % 50}.example.net."),
    )
    kind, value = kinds[number % 4]
    return RecordSpec(owner=f"host{number}.part{number % 40}", type=kind, rdata=value)


def pages(panel: Panel, zone: Zone) -> Iterator[str]:
    path = f"/domains/{zone.name}/zone/"
    yield path
    for head in _HEAD.findall(text(panel, path)):
        yield from (urljoin(path, unescape(link)) for link in _LINK.findall(head))
    yield from (path + query for query in QUERIES)
    yield middle(panel, path)
    record = Record.objects.filter(zone=zone, owner__startswith="host77.").first()
    yield f"{path}{record.pk if record else 0}/"
    yield f"{path}add/?type=MX"
    yield from (f"{path}{page}/" for page in ("versions", "import", "export", "presets", "switch"))
    yield from (f"{path}{page}/" for page in ("dnssec", "servers"))
    yield f"/domains/{zone.name}/routing/"
    kept = ZoneVersion.objects.filter(zone=zone).order_by("pk").values_list("pk", flat=True)
    large, latest = kept[1], kept[len(kept) - 1]
    yield from (f"{path}versions/{version}/" for version in (large, latest))
    yield from (f"{path}versions/compare/?a={large}&b={other}" for other in (latest, "now"))


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    user, zone = seed()
    say(f"{Record.objects.filter(zone=zone).count()} records in one zone")
    panel = Panel(user)
    gc.freeze()
    found = measure(panel, list(dict.fromkeys(pages(panel, zone))))
    changes = [
        Change(spec=RecordSpec(owner="news", type="A", rdata="192.0.2.8")),
        Change(spec=RecordSpec(owner="@", type="MX", rdata="20 mx2.example.net.")),
    ]
    services.draft_change(actor=user, zone=zone, changes=changes)
    path = f"/domains/{zone.name}/zone/"
    drafted = measure(panel, [path, f"{path}?q=host77", f"{path}preview/"])
    figures = {
        "page10k_p95_ms": round(max(p95 for p95, _ in found + drafted), 1),
        "page10k_queries": max(queries for _, queries in found + drafted),
    }
    sys.stdout.write(json.dumps(figures) + "\n")
