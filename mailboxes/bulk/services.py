"""What a person does with a file of mailboxes: brings it, says its columns, confirms it, throws it away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Denied, Refused
from mailboxes.bulk import launching, reading, sealing
from mailboxes.bulk.columns import Columns, guess, left_out
from mailboxes.bulk.saving import saving_ask
from mailboxes.bulk.work import pieces_of
from mailboxes.models import BulkImport, BulkPart, MailDomain
from mailboxes.services.rights import domain_allowed

SAMPLES = 5
AT_ONCE = 2  # files of one account that are being read or hashed
State = BulkImport.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """``key`` opens the file, and is kept nowhere: it travels in the person's page."""

    bulk: BulkImport
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The file's first rows as they are shown when its columns are said."""

    first: list[str]
    samples: list[list[str]]
    guessed: Columns


@transaction.atomic
def bulk_bring(*, actor: Any, mail_domain: MailDomain, title: str, pieces: Iterable[bytes]) -> Brought:
    """Keep the file, sealed, until its columns are said. Raises Refused at ``file``."""
    domain_allowed(actor, Right.MAKE, mail_domain.domain)
    if mail_domain.alias_of_id:
        raise Refused(_("This domain is another name of a domain; it has no mailboxes of its own."), "file")
    BulkImport.objects.filter(who=actor, state=State.UPLOADED).delete()
    key = sealing.new_key()
    bulk: BulkImport = BulkImport.objects.create(mail_domain=mail_domain, who=actor, title=_title(title))
    size = 0
    for number, sealed in enumerate(sealing.seal(key, pieces)):
        size += len(sealed)
        if size > reading.MOST_BYTES:
            raise Refused(_("This is larger than 64 MB, the most that is read. Cut it into several."), "file")
        BulkPart.objects.create(bulk=bulk, number=number, sealed=sealed)
    shape = reading.shape_of(lambda: pieces_of(bulk.pk, key))
    bulk.encoding, bulk.separator = shape.encoding, shape.separator
    bulk.save(update_fields=["encoding", "separator"])
    return Brought(bulk=bulk, key=key)


def _title(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:120]


def bulk_look(*, bulk: BulkImport, key: str) -> Look:
    """Raises Refused at ``file`` when nobody can read it."""
    shape = reading.Shape(encoding=bulk.encoding, separator=bulk.separator)
    try:
        rows = reading.rows_of(lambda: pieces_of(bulk.pk, key), shape)
        first = next(rows, None)
        samples = [row.cells for row, _n in zip(rows, range(SAMPLES), strict=False)]
    except ValueError:
        raise Refused(_("This page is too old. Bring the file once more."), "file") from None
    if first is None:
        raise Refused(_("There is nothing in it."), "file")
    return Look(first=first.cells, samples=samples, guessed=guess(first.cells, samples))


@transaction.atomic
def bulk_begin(*, actor: Any, bulk: BulkImport, key: str, columns: Columns, quota_mb: int) -> BulkImport:
    """Have it read, apart from this process. Raises Refused."""
    domain = bulk.mail_domain.domain
    domain_allowed(actor, Right.MAKE, domain)
    look = bulk_look(bulk=bulk, key=key)
    bulk = _locked(bulk, State.UPLOADED)
    if BulkImport.objects.open_of(domain.account_id).count() >= AT_ONCE:
        raise Refused(_("Other files of this account are being read. Wait until they are done."))
    bulk.columns, bulk.heads, bulk.quota_mb = list(columns.columns), columns.heads, quota_mb
    bulk.left_out = [head[:80] for head in left_out(look.first, columns)]
    bulk.state, bulk.beat_at = State.READING, timezone.now()
    bulk.save(update_fields=["columns", "heads", "quota_mb", "left_out", "state", "beat_at"])
    transaction.on_commit(lambda: launching.launch(bulk.pk, key))
    return bulk


@transaction.atomic
def bulk_confirm(*, actor: Any, bulk: BulkImport, mode: str) -> BulkImport:
    """Make the mailboxes, once their passwords are hashed: all or none of the file, or its good rows."""
    domain_allowed(actor, Right.MAKE, bulk.mail_domain.domain)
    bulk = _locked(bulk, State.CHECKED)
    if mode not in BulkImport.Mode.values:
        raise Refused(_("Choose one."), "mode")
    if not bulk.good:
        raise Refused(_("There is no row to make a mailbox of."))
    if mode == BulkImport.Mode.ALL and bulk.bad:
        raise Refused(
            _(
                "Nothing was made, because some rows are bad. Put them right and bring the file again, or"
                " take the good ones."
            )
        )
    bulk.state, bulk.mode, bulk.trouble = State.CONFIRMED, mode, ""
    bulk.confirmed_at = timezone.now()
    bulk.save(update_fields=["state", "mode", "trouble", "confirmed_at"])
    transaction.on_commit(saving_ask, robust=True)
    return bulk


@transaction.atomic
def bulk_discard(*, actor: Any, bulk: BulkImport) -> None:
    """The file and its rows; mailboxes that it made stay. Raises Refused while they are being made."""
    if actor is not None and bulk.who_id != actor.pk:
        raise Denied(_("Somebody else brought this file."))
    locked = BulkImport.objects.select_for_update().get(pk=bulk.pk)
    if locked.state == State.CONFIRMED:
        raise Refused(_("Its mailboxes are being made. Wait until that is done."))
    locked.lines.all()._raw_delete("default")
    locked.delete()


def _locked(bulk: BulkImport, state: str) -> BulkImport:
    rows = BulkImport.objects.select_for_update(of=("self",)).select_related("mail_domain__domain__account")
    found: BulkImport | None = rows.filter(pk=bulk.pk, state=state).first()
    if found is None:
        raise Refused(_("This import has gone on meanwhile. Look at it again."))
    return found
