"""Statements of the first tables, which later migrations take back."""

# One line of a log per row, a partition per UTC day (services/partitions.py makes them; there is no default partition, which
# would have to be searched each time one is attached). The key is what makes a line unique. Partitions are made LIKE this table.
EVENT_TABLE = """
CREATE SEQUENCE delivery_event_id_seq AS bigint CACHE 1000;
CREATE TABLE delivery_event (
    id bigint NOT NULL DEFAULT nextval('delivery_event_id_seq'),
    at timestamptz NOT NULL,
    node_id bigint NOT NULL,
    file_id bigint NOT NULL,
    pos bigint NOT NULL,
    kind varchar(16) NOT NULL,
    ref varchar(64) NOT NULL,
    data jsonb NOT NULL,
    raw text NOT NULL,
    PRIMARY KEY (file_id, pos, at)
) PARTITION BY RANGE (at);
CREATE INDEX delivery_event_ref ON delivery_event (ref, at) WHERE ref <> '';
CREATE INDEX delivery_event_unparsed ON delivery_event (at DESC, id DESC) WHERE kind = 'unparsed';
"""

WHO = "lower(coalesce(data ->> 'user', data ->> 'sasl'))"
SIGN_INS = f"kind IN ('sign-in', 'auth-failed', 'client') AND {WHO} IS NOT NULL"
EVENT_WHO = f"CREATE INDEX delivery_event_who ON delivery_event ({WHO}, at DESC, id DESC) WHERE {SIGN_INS}"
EVENT_TRIES = f"CREATE INDEX delivery_event_tries ON delivery_event (at) WHERE {SIGN_INS}"
EVENT_INDEXES = f"{EVENT_WHO}; {EVENT_TRIES}"

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
