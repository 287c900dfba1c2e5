"""The bytes of archives: rows of at most PART bytes, each by where it begins. Never more than one is in
memory, and no transaction is open while somebody's browser reads or sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import connection

from mailboxes.models import Archive, ArchivePart

PART = 1024 * 1024

# The part that ``start`` lies in ends there. Its length is asked without reading it (storage EXTERNAL).
_CUT = """
    UPDATE mailboxes_archivepart SET data = substring(data FROM 1 FOR (%(start)s - start)::int)
    WHERE archive_id = %(archive)s AND start < %(start)s AND start > %(start)s - %(part)s
        AND start + octet_length(data) > %(start)s
"""


def put(archive: Archive, start: int, read: Callable[[int], bytes]) -> int:
    """What ``read`` gives until it gives nothing is there from ``start`` on, and nothing behind it. Where the
    archive ends then. ``start``: at most where it ended."""
    cut(archive, start)
    while data := read(PART):
        ArchivePart.objects.create(archive=archive, start=start, data=data)
        start += len(data)
    return start


def cut(archive: Archive, start: int) -> None:
    """It ends at ``start``, or before."""
    ArchivePart.objects.filter(archive=archive, start__gte=start).delete()
    with connection.cursor() as cursor:
        cursor.execute(_CUT, {"archive": archive.pk, "start": start, "part": PART})


def parts(archive: Archive, start: int = 0) -> Iterator[bytes]:
    """The bytes from ``start`` on, a part at a time; each is a query of its own."""
    rows = ArchivePart.objects.filter(archive=archive).order_by("-start").values_list("start", "data")
    while row := rows.filter(start__lte=start, start__gt=start - PART).first():
        data = bytes(row[1][start - row[0] :])
        if not data:
            return
        start += len(data)
        yield data


def piece(archive: Archive, start: int, most: int) -> bytes:
    """``most`` bytes from ``start`` on, or as many as there are."""
    found, size = [], 0
    for data in parts(archive, start):
        found.append(data)
        size += len(data)
        if size >= most:
            break
    return b"".join(found)[:most]
