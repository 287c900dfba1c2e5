"""The lists about mailboxes cost the same number of queries however long they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mailboxes.models import (
    Alias,
    AppPassword,
    BulkImport,
    BulkRow,
    DomainFilter,
    DomainListEntry,
    Identity,
    Mailbox,
    MailboxFilter,
    MailboxListEntry,
    WebsiteSender,
)
from tests import factories
from tests.mailboxes.conftest import World

MOST = 8
DOMAIN = "/domains/example.test/"
BOX = f"{DOMAIN}mailboxes/ana/"
CONDITIONS = [{"field": "subject", "operator": "contains", "value": "offer"}]


def aliases(_world: World, box: Mailbox, count: int) -> None:
    rows = [(f"a{number}", [box.address, f"x{number}@elsewhere.test"]) for number in range(count)]
    Alias.objects.bulk_create(
        Alias(
            mail_domain=box.mail_domain,
            local=local,
            address=f"{local}@example.test",
            targets=targets,
            home=f"example.test/{local}.1",
        )
        for local, targets in rows
    )


def filters(world: World, box: Mailbox, count: int) -> None:
    rule: dict[str, Any] = {"conditions": CONDITIONS, "actions": [{"do": "folder", "value": "Offers"}]}
    MailboxFilter.objects.bulk_create(
        MailboxFilter(owner=box, position=place, name=f"f{place}", **rule) for place in range(count)
    )
    DomainFilter.objects.bulk_create(
        DomainFilter(owner=world.mail, position=place, name=f"f{place}", **rule) for place in range(count)
    )


def app_passwords(_world: World, box: Mailbox, count: int) -> None:
    AppPassword.objects.bulk_create(
        AppPassword(mailbox=box, key=f"k{number}", label=f"l{number}", password_hash="x")
        for number in range(count)
    )


def identities(_world: World, box: Mailbox, count: int) -> None:
    Identity.objects.bulk_create(
        Identity(mailbox=box, address=f"i{number}@example.test") for number in range(count)
    )


def websites(world: World, _box: Mailbox, count: int) -> None:
    WebsiteSender.objects.bulk_create(
        WebsiteSender(
            mail_domain=world.mail,
            login=f"web{number}@example.test",
            label=f"w{number}",
            key=f"w{number}",
            password_hash="x",
        )
        for number in range(count)
    )


def list_entries(world: World, box: Mailbox, count: int) -> None:
    senders = [f"s{number}@elsewhere.test" for number in range(count)]
    MailboxListEntry.objects.bulk_create(
        MailboxListEntry(owner=box, kind="allow", sender=sender) for sender in senders
    )
    DomainListEntry.objects.bulk_create(
        DomainListEntry(owner=world.mail, kind="allow", sender=sender) for sender in senders
    )


def bad_rows(world: World, _box: Mailbox, count: int) -> None:
    bulk = BulkImport.objects.create(
        pk=77, mail_domain=world.mail, who=world.owner, state=BulkImport.State.CHECKED, rows=count, bad=count
    )
    BulkRow.objects.bulk_create(
        BulkRow(bulk=bulk, line=line + 1, state=BulkRow.State.BAD, address="x", field="address", reason="no")
        for line in range(count)
    )


@pytest.mark.parametrize(
    ("path", "fill", "most"),
    [
        (f"{DOMAIN}forwarders/", aliases, MOST),
        (f"{DOMAIN}forwarders/?q=a1", aliases, MOST),
        (f"{BOX}filters/", filters, MOST),
        (f"{DOMAIN}filters/", filters, MOST),
        (f"{BOX}app-passwords/", app_passwords, MOST),
        (f"{BOX}identities/", identities, MOST),
        (f"{DOMAIN}websites/", websites, MOST),
        (f"{BOX}spam/", list_entries, MOST),
        (f"{DOMAIN}spam/", list_entries, MOST),
        (f"{DOMAIN}mailboxes/import/77/", bad_rows, MOST),
    ],
)
def test_a_list_costs_the_same_however_long(
    world: World, owner_client: Client, path: str, fill: Callable[[World, Mailbox, int], None], most: int
) -> None:
    box = factories.MailboxFactory.create(mail_domain=world.mail, local="ana")
    fill(world, box, 120)
    with CaptureQueriesContext(connection) as found:
        assert owner_client.get(path).status_code == 200
    # Savepoints are the test's own: the page asks the node outside of any transaction.
    asked = [query["sql"][:300] for query in found if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= most, "\n".join(asked)
