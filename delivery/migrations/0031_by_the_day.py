import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models

# A partition per UTC day (services/partitions.py makes them; there is no default partition, which would have to be searched each time
# one is attached). The id is the time (lib.timekey), so that the primary key is unique over all of them. Partitions are made LIKE these.
# The texts are compressed already, or short.
TABLES = """
CREATE SEQUENCE delivery_key_seq AS bigint MINVALUE 0 MAXVALUE 4194303 START 0 CYCLE;
CREATE TABLE delivery_chunk (
    id bigint NOT NULL PRIMARY KEY,
    file_id bigint NOT NULL,
    lines integer NOT NULL,
    body bytea NOT NULL
) PARTITION BY RANGE (id);
ALTER TABLE delivery_chunk ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE delivery_message (
    id bigint NOT NULL PRIMARY KEY,
    node_id bigint NOT NULL,
    queue_id varchar(64) NOT NULL,
    header_id varchar(300) NOT NULL,
    last_at timestamptz NOT NULL,
    state text NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX message_queue ON delivery_message (queue_id) WHERE queue_id <> '';
CREATE INDEX message_header ON delivery_message (header_id) WHERE header_id <> '';
CREATE TABLE delivery_entry (
    id bigint NOT NULL PRIMARY KEY,
    domain_id bigint,
    peer_domain_id bigint,
    message_id bigint NOT NULL,
    direction smallint NOT NULL,
    status smallint NOT NULL,
    at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    sender varchar(400),
    address varchar(400) NOT NULL,
    via varchar(400) NOT NULL,
    login varchar(320) NOT NULL,
    subject text,
    size bigint,
    server varchar(300) NOT NULL,
    agent varchar(32) NOT NULL,
    dsn varchar(12) NOT NULL,
    reply text NOT NULL,
    cause varchar(40) NOT NULL,
    delay double precision,
    queue_id varchar(64) NOT NULL,
    notice boolean NOT NULL,
    lead_id bigint,
    alike integer NOT NULL DEFAULT 0,
    words tsvector NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX entry_list ON delivery_entry (domain_id, id DESC) WHERE lead_id IS NULL;
CREATE INDEX entry_status ON delivery_entry (domain_id, status, id DESC) WHERE lead_id IS NULL;
CREATE INDEX entry_lead ON delivery_entry (lead_id, id) WHERE lead_id IS NOT NULL;
CREATE INDEX entry_words ON delivery_entry USING gin (domain_id, words);
CREATE TABLE delivery_filed (
    id bigint NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL,
    node_id bigint NOT NULL,
    session varchar(64) NOT NULL,
    login varchar(320) NOT NULL,
    header_id varchar(300) NOT NULL,
    action varchar(40) NOT NULL,
    what varchar(400) NOT NULL,
    chunk_id bigint NOT NULL,
    line integer NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX filed_session ON delivery_filed (session);
CREATE TABLE delivery_signin (
    id bigint NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL,
    node_id bigint NOT NULL,
    domain_id bigint,
    login varchar(320) NOT NULL,
    protocol varchar(16) NOT NULL,
    client varchar(64) NOT NULL,
    encrypted boolean,
    method varchar(32) NOT NULL,
    app varchar(32) NOT NULL,
    ok boolean NOT NULL,
    reason varchar(300) NOT NULL,
    program varchar(300) NOT NULL,
    session varchar(64) NOT NULL,
    ended_at timestamptz,
    end_reason varchar(300) NOT NULL,
    counts jsonb NOT NULL DEFAULT '{}'
) PARTITION BY RANGE (id);
CREATE INDEX signin_login ON delivery_signin (login, id DESC);
CREATE INDEX signin_domain ON delivery_signin (domain_id, id DESC);
CREATE INDEX signin_client ON delivery_signin (client, id DESC) WHERE NOT ok;
CREATE INDEX signin_session ON delivery_signin (session) WHERE session <> '';
CREATE TABLE delivery_unparsed (
    id bigint NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL,
    node_id bigint NOT NULL,
    file_id bigint NOT NULL,
    pos bigint NOT NULL,
    raw text NOT NULL
) PARTITION BY RANGE (id);
"""
NO_TABLES = """
DROP TABLE delivery_chunk, delivery_message, delivery_entry, delivery_filed, delivery_signin, delivery_unparsed;
DROP SEQUENCE delivery_key_seq;
"""

MODELS = [
    migrations.CreateModel(
        name="Chunk",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("lines", models.IntegerField()),
            ("body", models.BinaryField()),
        ],
    ),
    migrations.CreateModel(
        name="Entry",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("domain_id", models.BigIntegerField(null=True)),
            ("peer_domain_id", models.BigIntegerField(null=True)),
            ("message_id", models.BigIntegerField()),
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
                        (6, "Held"),
                    ]
                ),
            ),
            ("at", models.DateTimeField()),
            ("changed_at", models.DateTimeField()),
            ("sender", models.CharField(max_length=400, null=True)),
            ("address", models.CharField(max_length=400)),
            ("via", models.CharField(blank=True, max_length=400)),
            ("login", models.CharField(blank=True, max_length=320)),
            ("subject", models.TextField(null=True)),
            ("size", models.BigIntegerField(null=True)),
            ("server", models.CharField(blank=True, max_length=300)),
            ("agent", models.CharField(blank=True, max_length=32)),
            ("dsn", models.CharField(blank=True, max_length=12)),
            ("reply", models.TextField(blank=True)),
            ("cause", models.CharField(blank=True, max_length=40)),
            ("delay", models.FloatField(null=True)),
            ("queue_id", models.CharField(blank=True, max_length=64)),
            ("notice", models.BooleanField(default=False)),
            ("lead_id", models.BigIntegerField(null=True)),
            ("alike", models.IntegerField(default=0)),
            ("words", django.contrib.postgres.search.SearchVectorField()),
        ],
    ),
    migrations.CreateModel(
        name="Filed",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("at", models.DateTimeField()),
            ("session", models.CharField(max_length=64)),
            ("login", models.CharField(max_length=320)),
            ("header_id", models.CharField(blank=True, max_length=300)),
            ("action", models.CharField(max_length=40)),
            ("what", models.CharField(blank=True, max_length=400)),
            ("chunk_id", models.BigIntegerField()),
            ("line", models.IntegerField()),
        ],
    ),
    migrations.CreateModel(
        name="Message",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("queue_id", models.CharField(blank=True, max_length=64)),
            ("header_id", models.CharField(blank=True, max_length=300)),
            ("last_at", models.DateTimeField()),
            ("state", models.TextField()),
        ],
    ),
    migrations.CreateModel(
        name="SignIn",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("at", models.DateTimeField()),
            ("domain_id", models.BigIntegerField(null=True)),
            ("login", models.CharField(blank=True, max_length=320)),
            ("protocol", models.CharField(max_length=16)),
            ("client", models.CharField(blank=True, max_length=64)),
            ("encrypted", models.BooleanField(null=True)),
            ("method", models.CharField(blank=True, max_length=32)),
            ("app", models.CharField(blank=True, max_length=32)),
            ("ok", models.BooleanField()),
            ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
            ("program", models.CharField(blank=True, max_length=300)),
            ("session", models.CharField(blank=True, max_length=64)),
            ("ended_at", models.DateTimeField(null=True)),
            ("end_reason", models.CharField(blank=True, max_length=300)),
            ("counts", models.JSONField(default=dict)),
        ],
    ),
    migrations.CreateModel(
        name="Unparsed",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("at", models.DateTimeField(verbose_name="time")),
            ("pos", models.BigIntegerField()),
            ("raw", models.TextField(verbose_name="line")),
        ],
        options={
            "verbose_name": "unparsed line",
            "verbose_name_plural": "unparsed lines",
        },
    ),
    migrations.AddField(
        model_name="chunk",
        name="file",
        field=models.ForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="delivery.logfile",
        ),
    ),
    migrations.AddField(
        model_name="filed",
        name="node",
        field=models.ForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="provision.node",
        ),
    ),
    migrations.AddField(
        model_name="message",
        name="node",
        field=models.ForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="provision.node",
        ),
    ),
    migrations.AddField(
        model_name="signin",
        name="node",
        field=models.ForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="provision.node",
        ),
    ),
    migrations.AddField(
        model_name="unparsed",
        name="file",
        field=models.ForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="delivery.logfile",
        ),
    ),
    migrations.AddField(
        model_name="unparsed",
        name="node",
        field=models.ForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="provision.node",
        ),
    ),
    migrations.AddIndex(
        model_name="filed",
        index=models.Index(fields=["session"], name="filed_session"),
    ),
    migrations.AddIndex(
        model_name="message",
        index=models.Index(
            condition=models.Q(("queue_id", ""), _negated=True), fields=["queue_id"], name="message_queue"
        ),
    ),
    migrations.AddIndex(
        model_name="message",
        index=models.Index(
            condition=models.Q(("header_id", ""), _negated=True), fields=["header_id"], name="message_header"
        ),
    ),
    migrations.AddIndex(
        model_name="signin",
        index=models.Index(fields=["login", "-id"], name="signin_login"),
    ),
    migrations.AddIndex(
        model_name="signin",
        index=models.Index(fields=["domain_id", "-id"], name="signin_domain"),
    ),
    migrations.AddIndex(
        model_name="signin",
        index=models.Index(condition=models.Q(("ok", False)), fields=["client", "-id"], name="signin_client"),
    ),
    migrations.AddIndex(
        model_name="signin",
        index=models.Index(
            condition=models.Q(("session", ""), _negated=True), fields=["session"], name="signin_session"
        ),
    ),
]


class Migration(migrations.Migration):
    dependencies = [("delivery", "0030_lines_by_the_row"), ("provision", "0004_sealing_key")]

    operations = [
        BtreeGinExtension(),
        migrations.SeparateDatabaseAndState(
            state_operations=MODELS, database_operations=[migrations.RunSQL(TABLES, NO_TABLES)]
        ),
    ]
