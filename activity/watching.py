"""The triggers that write the activity: one statement, one trigger, however many rows it changed.

They stand on the tables themselves, beside pghistory's, and keep only the columns that the history table
keeps, asked for when they run: what ``pghistory.track(exclude=…)`` leaves out is never here either, and a new
column needs nothing. A new tracked table needs one ``watch`` in a migration of this app
(tests/activity/test_watching.py says so).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import migrations

FUNCTIONS = Path(__file__).parent / "sql" / "functions.sql"
# Keys and clocks that tell a person nothing, and who did it, which every entry says anyway.
UNSAID = (
    "id", "created_at", "account_id", "domain_id", "mail_domain_id", "zone_id", "user_id", "membership_id",
    "suspended_by_id", "suspended_at", "suspended_from", "suspended_rank", "invited_by_id", "created_by_id",
    "domain_ids", "home", "serial", "since_serial", "started_at", "seen_at", "theme", "muted_notices",
    "logo_sha", "accent_dark", "mail_host_seen_at", "mail_host_trouble",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """``table`` of ``model`` (``app.name``). ``leads``: what its column ``by`` is the key of: account,
    domain, mail_domain, zone, membership, mailbox, user, or nothing for the provider's own. ``names``:
    columns that
    name the object, ``user_id`` for a person's address, none for what ``by`` leads to. ``domain_by``: a
    column with the domain's key where ``leads`` has none, or ``=name`` for one with its name. ``columns``:
    instead of the history table's. ``hushed``: columns of which only the fact of a change is kept.
    ``made_only``: what is never changed, and whose end says nothing. ``unless``: a setting of the transaction
    that says, by ``on``, that another table's entry tells of this."""

    table: str
    model: str
    leads: str
    by: str
    names: tuple[str, ...] = ()
    domain_by: str = ""
    columns: tuple[str, ...] = ()
    hushed: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    made_only: bool = False
    unless: str = ""


def functions() -> migrations.RunSQL:
    return migrations.RunSQL(
        FUNCTIONS.read_text(encoding="utf-8"),
        "DROP FUNCTION activity_kept() CASCADE; DROP FUNCTION activity_note();"
        " DROP FUNCTION activity_spelled(jsonb);"
        " DROP FUNCTION activity_differs(jsonb, jsonb, text[], text[]);"
        " DROP FUNCTION activity_whole(jsonb, text[], boolean);"
        " DROP FUNCTION activity_name(jsonb, text[]); DROP FUNCTION activity_places(text, bigint);",
    )


def watch(item: Watch) -> migrations.RunSQL:
    """Only constants of migrations come in here."""
    arguments = (
        item.model,
        item.leads,
        item.by,
        ",".join(item.names),
        item.domain_by,
        ",".join(item.columns) or f"table:{item.table}event",
        ",".join((*UNSAID, *item.unsaid)),
        ",".join(item.hushed),
    )
    quoted = ", ".join(f"'{text}'" for text in arguments)
    tables = {
        "insert": "NEW TABLE AS new_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
    }
    if item.made_only:
        tables = {"insert": tables["insert"]}
    when = f" WHEN (current_setting('{item.unless}', true) IS DISTINCT FROM 'on')" if item.unless else ""
    return migrations.RunSQL(
        [
            f"CREATE TRIGGER activity_{name} AFTER {name.upper()} ON {item.table} REFERENCING {rows}"
            f" FOR EACH STATEMENT{when} EXECUTE FUNCTION activity_note({quoted})"
            for name, rows in tables.items()
        ],
        [f"DROP TRIGGER activity_{name} ON {item.table}" for name in tables],
    )


def rewatch(old: Watch, new: Watch) -> migrations.RunSQL:
    """Another way to watch the same table."""
    before, after = watch(old), watch(new)
    return migrations.RunSQL(
        [*before.reverse_sql, *after.sql],  # type: ignore[misc]  # lists, as watch makes them
        [*after.reverse_sql, *before.sql],  # type: ignore[misc]
    )
