"""The reading process: one for each file, apart from the panel's, so that neither its memory nor its work is
theirs. It reads, checks and stores the rows, then hashes the passwords that only it knows; when it dies,
nothing of them is left, and the file has to come again."""

from __future__ import annotations

import csv
import io
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from lib import languages, said
from lib.errors import Refused
from lib.passwords import hash_mailbox_password
from lib.said import gettext as _
from mailboxes.bulk import reading, sealing
from mailboxes.bulk.checking import Checked, Checker
from mailboxes.bulk.columns import Columns, cells_of
from mailboxes.bulk.saving import saving_ask
from mailboxes.models import BulkImport, BulkPart, BulkRow

logger = logging.getLogger(__name__)

BATCH = 2000
AT_ONCE = 200  # passwords hashed between two words to the database
_COLUMNS = (
    "bulk_id", "line", "state", "address", "mail_domain_id", "quota_mb", "password_hash", "welcome",
    "suspended", "field", "reason",
)  # fmt: skip
_COPY = (
    f"COPY mailboxes_bulkrow ({', '.join(_COLUMNS)})"
    " FROM STDIN WITH (FORMAT csv, FORCE_NULL (mail_domain_id))"
)
_HASHED = """
    UPDATE mailboxes_bulkrow AS row SET password_hash = made.hash
    FROM unnest(%s::int[], %s::text[]) AS made (line, hash)
    WHERE row.bulk_id = %s AND row.line = made.line
"""


def bulk_work(pk: int, key: str) -> None:
    """From the sealed file to checked rows with hashes. What is wrong with the file is said in the row."""
    bulk = _row(pk)
    if bulk is None or bulk.state != BulkImport.State.READING:
        return
    with languages.reading(bulk.who.language if bulk.who else ""):
        try:
            waiting = bulk_read(bulk, key)
        except Refused as refused:
            bulk_stop(pk, refused.message)
            return
        except Exception:
            logger.exception("import %d could not be read", pk)
            bulk_stop(pk, _("The panel could not read this file. Try it once more."))
            return
    with connection.cursor() as cursor:  # so many rows are news to the planner
        cursor.execute("ANALYZE mailboxes_bulkrow")
    bulk_hash(pk, waiting)
    saving_ask()


def _row(pk: int) -> BulkImport | None:
    above = "mail_domain__domain__account__reseller"
    found: BulkImport | None = (
        BulkImport.objects.select_related("who", above, "mail_domain__node").filter(pk=pk).first()
    )
    return found


def bulk_stop(pk: int, trouble: str) -> None:
    with transaction.atomic():
        BulkImport.objects.filter(pk=pk, state=BulkImport.State.READING).update(
            state=BulkImport.State.STOPPED, trouble=trouble
        )
        BulkPart.objects.filter(bulk=pk).delete()


def pieces_of(pk: int, key: str) -> Iterator[bytes]:
    """The file, a piece in memory at a time. Raises ValueError for another key."""
    numbers = list(BulkPart.objects.filter(bulk=pk).order_by("number").values_list("pk", flat=True))
    sealed = (bytes(BulkPart.objects.values_list("sealed", flat=True).get(pk=number)) for number in numbers)
    return sealing.unseal(key, sealed)


def bulk_read(bulk: BulkImport, key: str) -> list[tuple[int, str]]:
    """Store a checked row for each of the file's; (line, password) of those that are to be hashed. Raises
    Refused."""
    shape = reading.Shape(encoding=bulk.encoding, separator=bulk.separator)
    columns = Columns(columns=tuple(bulk.columns), heads=bulk.heads)
    checker = Checker(bulk.who, bulk.mail_domain, bulk.quota_mb)
    rows = reading.rows_of(lambda: pieces_of(bulk.pk, key), shape)
    if columns.heads:
        next(rows, None)
    places, waiting = columns.places, []
    cells = ((row.line, cells_of(row.cells, places)) for row in rows)
    while batch := list(islice(cells, BATCH)):
        checked = checker.check(batch)
        _store(bulk, checked)
        waiting += [(row.line, row.password) for row in checked if row.password]
    if not bulk.rows:
        raise Refused(_("There are no rows in it besides the heads."))
    with transaction.atomic():
        BulkPart.objects.filter(bulk=bulk).delete()
        bulk.state, bulk.hashes = BulkImport.State.CHECKED, len(waiting)
        bulk.beat_at = timezone.now()
        bulk.save(update_fields=["state", "hashes", "beat_at"])
    return waiting


@transaction.atomic
def _store(bulk: BulkImport, checked: Sequence[Checked]) -> None:
    body = io.StringIO()
    csv.writer(body, quoting=csv.QUOTE_ALL).writerows(_values(bulk, row) for row in checked)
    with connection.cursor() as cursor:
        cursor.copy_expert(_COPY, io.BytesIO(body.getvalue().encode("utf-8", "replace")))
    bulk.rows += len(checked)
    for row in checked:
        if row.state == BulkRow.State.GOOD:
            bulk.good += 1
            bulk.more_mb += row.quota_mb
        elif row.state == BulkRow.State.BAD:
            bulk.bad += 1
        else:
            bulk.there += 1
    bulk.beat_at = timezone.now()
    bulk.save(update_fields=["rows", "good", "bad", "there", "more_mb", "beat_at"])


def _values(bulk: BulkImport, row: Checked) -> Iterable[Any]:
    values = (
        bulk.pk, row.line, row.state, row.address, row.mail_domain.pk if row.mail_domain else "",
        row.quota_mb, row.password_hash, row.welcome, row.suspended, row.field, said.kept(row.reason),
    )  # fmt: skip
    return (str(value).replace("\0", "\ufffd") for value in values)


def bulk_hash(pk: int, waiting: Sequence[tuple[int, str]]) -> None:
    """All cores; argon2 lets go of the interpreter while it works. Each share is committed as it is made."""
    if not waiting:
        return
    todo = iter(waiting)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        while share := list(islice(todo, AT_ONCE)):
            hashes = list(pool.map(hash_mailbox_password, [password for _line, password in share]))
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_HASHED, [[line for line, _password in share], hashes, pk])
                now = {"hashed": F("hashed") + len(share), "beat_at": timezone.now()}
                there = BulkImport.objects.filter(pk=pk).update(**now)
            if not there:  # thrown away meanwhile
                return
