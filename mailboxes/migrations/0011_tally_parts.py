import django.db.models.deletion
from django.db import migrations, models

# Statement-level: one part for each domain that a statement touches, a COPY of 100,000 rows included. Parts are only added, so
# two transactions never wait for, or lose, each other's counts, and a part is seen exactly when its mailboxes are.
# What a mailbox says of itself beyond a PiB is cut, so that sums always fit.
COUNTED = """
    SELECT mail_domain_id AS mail_domain, {one} AS boxes, {one} * quota_mb::bigint AS quota_mb,
           {one} * least(greatest(round(used_mb * 1048576), 0), 1125899906842624)::bigint AS used_bytes,
           {one} * messages::bigint AS messages,
           {one} * (used_mb >= quota_mb)::int AS full_boxes, {one} * (suspended_at IS NOT NULL)::int AS suspended_boxes
    FROM {rows} WHERE deleted_at IS NULL
"""
PARTS = """
    INSERT INTO mailboxes_tallypart
        (mail_domain_id, boxes, quota_mb, used_bytes, messages, full_boxes, suspended_boxes)
    SELECT mail_domain, sum(boxes), sum(quota_mb), sum(used_bytes), sum(messages), sum(full_boxes), sum(suspended_boxes)
    FROM ({counted}) AS counted
    GROUP BY mail_domain
    HAVING sum(boxes) <> 0 OR sum(quota_mb) <> 0 OR sum(used_bytes) <> 0 OR sum(messages) <> 0
        OR sum(full_boxes) <> 0 OR sum(suspended_boxes) <> 0;
"""
NEW, OLD = COUNTED.format(one="1", rows="new_rows"), COUNTED.format(one="-1", rows="old_rows")


def function(name: str, body: str) -> str:
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {body}
    RETURN NULL;
END $$;
"""


TRIGGERS = [
    function("mailboxes_tally_insert", PARTS.format(counted=NEW)),
    function("mailboxes_tally_update", PARTS.format(counted=f"{NEW} UNION ALL {OLD}")),
    function("mailboxes_tally_delete", PARTS.format(counted=OLD)),
    function("mailboxes_tally_truncate", "DELETE FROM mailboxes_tallypart;"),
    function(
        "mailboxes_tally_domain",
        "DELETE FROM mailboxes_tallypart WHERE mail_domain_id IN (SELECT id FROM old_rows);",
    ),
    """
CREATE TRIGGER mailboxes_tally_insert AFTER INSERT ON mailboxes_mailbox
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mailboxes_tally_insert();
CREATE TRIGGER mailboxes_tally_update AFTER UPDATE ON mailboxes_mailbox
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION mailboxes_tally_update();
CREATE TRIGGER mailboxes_tally_delete AFTER DELETE ON mailboxes_mailbox
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mailboxes_tally_delete();
CREATE TRIGGER mailboxes_tally_truncate AFTER TRUNCATE ON mailboxes_mailbox
    FOR EACH STATEMENT EXECUTE FUNCTION mailboxes_tally_truncate();
CREATE TRIGGER mailboxes_tally_domain AFTER DELETE ON mailboxes_maildomain
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mailboxes_tally_domain();
""",
    # The triggers keep writers out until this is committed, so nothing is missed and nothing counted twice.
    PARTS.format(counted=COUNTED.format(one="1", rows="mailboxes_mailbox")),
]
NO_TRIGGERS = """
DROP TRIGGER mailboxes_tally_domain ON mailboxes_maildomain;
DROP TRIGGER mailboxes_tally_truncate ON mailboxes_mailbox;
DROP TRIGGER mailboxes_tally_delete ON mailboxes_mailbox;
DROP TRIGGER mailboxes_tally_update ON mailboxes_mailbox;
DROP TRIGGER mailboxes_tally_insert ON mailboxes_mailbox;
DROP FUNCTION mailboxes_tally_insert, mailboxes_tally_update, mailboxes_tally_delete, mailboxes_tally_truncate,
    mailboxes_tally_domain;
"""


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0010_mailbox_search")]

    operations = [
        migrations.CreateModel(
            name="TallyPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("boxes", models.IntegerField()),
                ("quota_mb", models.BigIntegerField()),
                ("used_bytes", models.BigIntegerField()),
                ("messages", models.BigIntegerField()),
                ("full_boxes", models.IntegerField()),
                ("suspended_boxes", models.IntegerField()),
                (
                    "mail_domain",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="tally_parts",
                        to="mailboxes.maildomain",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
