from django.db import migrations, models

# As with the mailboxes' tallies: statement-level, parts are only added, nobody waits for anybody. What belongs to no domain is
# not counted.
COUNTED = """
    SELECT date_trunc('hour', at, 'UTC') AS hour, domain_id, peer_domain_id, direction, status, cause,
        {one} AS entries, {one} * coalesce(size, 0) AS bytes
    FROM {rows} WHERE domain_id IS NOT NULL AND at > now() - interval '400 days'
"""
PARTS = """
    INSERT INTO delivery_trafficpart (hour, domain_id, peer_domain_id, direction, status, cause, entries, bytes)
    SELECT hour, domain_id, peer_domain_id, direction, status, cause, sum(entries), sum(bytes) FROM ({counted}) AS counted
    GROUP BY hour, domain_id, peer_domain_id, direction, status, cause HAVING sum(entries) <> 0 OR sum(bytes) <> 0;
"""
# Where mail went: by the recipient's domain.
GONE = """
    SELECT (at AT TIME ZONE 'UTC')::date AS day, domain_id, lower(split_part(address, '@', -1))::varchar(253) AS destination,
        {one} AS mails, CASE status WHEN 2 THEN {one} ELSE 0 END AS delivered, CASE status WHEN 3 THEN {one} ELSE 0 END AS deferred,
        CASE status WHEN 4 THEN {one} ELSE 0 END AS failed, CASE status WHEN 2 THEN {one} * coalesce(delay, 0) ELSE 0 END AS delay
    FROM {rows} WHERE domain_id IS NOT NULL AND direction = 2 AND status <> 5 AND at > now() - interval '400 days'
"""
DESTINATIONS = """
    INSERT INTO delivery_destinationpart (day, domain_id, destination, mails, delivered, deferred, failed, delay)
    SELECT day, domain_id, destination, sum(mails), sum(delivered), sum(deferred), sum(failed), sum(delay) FROM ({counted}) AS counted
    GROUP BY day, domain_id, destination
    HAVING sum(mails) <> 0 OR sum(delivered) <> 0 OR sum(deferred) <> 0 OR sum(failed) <> 0;
"""


def both(*parts: tuple[str, str]) -> str:
    """Parts out of these (rows, sign)."""
    traffic = " UNION ALL ".join(COUNTED.format(rows=rows, one=one) for rows, one in parts)
    gone = " UNION ALL ".join(GONE.format(rows=rows, one=one) for rows, one in parts)
    return PARTS.format(counted=traffic) + DESTINATIONS.format(counted=gone)


def function(name: str, body: str) -> str:
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {body}
    RETURN NULL;
END $$;
"""


NEW, OLD = ("new_rows", "1"), ("old_rows", "-1")
TRIGGERS = [
    function("delivery_traffic_insert", both(NEW)),
    function("delivery_traffic_update", both(NEW, OLD)),
    function("delivery_traffic_delete", both(OLD)),
    """
CREATE TRIGGER delivery_traffic_insert AFTER INSERT ON delivery_entry
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION delivery_traffic_insert();
CREATE TRIGGER delivery_traffic_update AFTER UPDATE ON delivery_entry
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION delivery_traffic_update();
CREATE TRIGGER delivery_traffic_delete AFTER DELETE ON delivery_entry
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION delivery_traffic_delete();
""",
]
NO_TRIGGERS = """
DROP TRIGGER delivery_traffic_delete ON delivery_entry;
DROP TRIGGER delivery_traffic_update ON delivery_entry;
DROP TRIGGER delivery_traffic_insert ON delivery_entry;
DROP FUNCTION delivery_traffic_insert, delivery_traffic_update, delivery_traffic_delete;
"""


class Migration(migrations.Migration):
    """What was sent and received in each hour, why it was not, and where it went: counted as it happens. A partition that is dropped
    leaves the counts as they are."""

    dependencies = [("delivery", "0033_node_health")]

    operations = [
        migrations.CreateModel(
            name="DestinationPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("domain_id", models.BigIntegerField()),
                ("destination", models.CharField(max_length=253)),
                ("mails", models.IntegerField()),
                ("delivered", models.IntegerField()),
                ("deferred", models.IntegerField()),
                ("failed", models.IntegerField()),
                ("delay", models.FloatField(default=0)),
            ],
        ),
        migrations.RemoveIndex(
            model_name="trafficpart",
            name="traffic_of_domain",
        ),
        migrations.AddField(
            model_name="trafficpart",
            name="bytes",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="trafficpart",
            name="cause",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name="trafficpart",
            name="status",
            field=models.SmallIntegerField(
                choices=[
                    (1, "In progress"),
                    (2, "Delivered"),
                    (3, "Deferred"),
                    (4, "Failed"),
                    (5, "Rejected"),
                    (6, "Held"),
                ]
            ),
        ),
        migrations.AddIndex(
            model_name="trafficpart",
            index=models.Index(
                fields=["domain_id", "hour"],
                include=("direction", "status", "peer_domain_id", "cause", "entries", "bytes"),
                name="traffic_of_domain",
            ),
        ),
        migrations.AddIndex(
            model_name="destinationpart",
            index=models.Index(fields=["domain_id", "day"], name="destination_of_domain"),
        ),
        migrations.AddIndex(
            model_name="destinationpart",
            index=models.Index(fields=["day"], name="destination_day"),
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
