from django.db import migrations, models

# As with the mailboxes' tallies: statement-level, parts are only added, nobody waits for anybody. What belongs to no domain is
# not counted.
COUNTED = """
    SELECT date_trunc('hour', at, 'UTC') AS hour, domain_id, peer_domain_id, direction, status, {one} AS entries
    FROM {rows} WHERE domain_id IS NOT NULL AND at > now() - interval '3 days'
"""
PARTS = """
    INSERT INTO delivery_trafficpart (hour, domain_id, peer_domain_id, direction, status, entries)
    SELECT hour, domain_id, peer_domain_id, direction, status, sum(entries) FROM ({counted}) AS counted
    GROUP BY hour, domain_id, peer_domain_id, direction, status HAVING sum(entries) <> 0;
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
    function("delivery_traffic_insert", PARTS.format(counted=NEW)),
    function("delivery_traffic_update", PARTS.format(counted=f"{NEW} UNION ALL {OLD}")),
    function("delivery_traffic_delete", PARTS.format(counted=OLD)),
    function("delivery_traffic_truncate", "DELETE FROM delivery_trafficpart;"),
    """
CREATE TRIGGER delivery_traffic_insert AFTER INSERT ON delivery_entry
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION delivery_traffic_insert();
CREATE TRIGGER delivery_traffic_update AFTER UPDATE ON delivery_entry
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION delivery_traffic_update();
CREATE TRIGGER delivery_traffic_delete AFTER DELETE ON delivery_entry
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION delivery_traffic_delete();
CREATE TRIGGER delivery_traffic_truncate AFTER TRUNCATE ON delivery_entry
    FOR EACH STATEMENT EXECUTE FUNCTION delivery_traffic_truncate();
""",
    PARTS.format(counted=COUNTED.format(one="1", rows="delivery_entry")),
]
NO_TRIGGERS = """
DROP TRIGGER delivery_traffic_truncate ON delivery_entry;
DROP TRIGGER delivery_traffic_delete ON delivery_entry;
DROP TRIGGER delivery_traffic_update ON delivery_entry;
DROP TRIGGER delivery_traffic_insert ON delivery_entry;
DROP FUNCTION delivery_traffic_insert, delivery_traffic_update, delivery_traffic_delete, delivery_traffic_truncate;
"""


class Migration(migrations.Migration):
    """What was sent and received in each of the last days' hours, counted as it happens."""

    dependencies = [("delivery", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TrafficPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hour", models.DateTimeField()),
                ("domain_id", models.BigIntegerField()),
                ("peer_domain_id", models.BigIntegerField(null=True)),
                (
                    "direction",
                    models.SmallIntegerField(choices=[(1, "Incoming"), (2, "Outgoing"), (3, "Inside")]),
                ),
                (
                    "status",
                    models.SmallIntegerField(
                        choices=[
                            (1, "In progress"),
                            (2, "Delivered"),
                            (3, "Deferred"),
                            (4, "Failed"),
                            (5, "Rejected"),
                        ]
                    ),
                ),
                ("entries", models.IntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["domain_id", "hour"],
                        include=("direction", "status", "peer_domain_id", "entries"),
                        name="traffic_of_domain",
                    ),
                    models.Index(fields=["hour"], name="traffic_hour"),
                ],
            },
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
