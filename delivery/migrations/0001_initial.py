import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

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


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("provision", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identity", models.CharField(max_length=120)),
                ("log", models.CharField(max_length=16)),
                ("covered", models.JSONField(default=list)),
                ("lines", models.BigIntegerField(default=0)),
                ("unparsed", models.BigIntegerField(default=0)),
                ("first_seen_at", models.DateTimeField(auto_now_add=True)),
                ("last_seen_at", models.DateTimeField(auto_now=True)),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="provision.node"
                    ),
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="time")),
                        ("pos", models.BigIntegerField()),
                        ("kind", models.CharField(max_length=16)),
                        ("ref", models.CharField(blank=True, max_length=64)),
                        ("data", models.JSONField()),
                        ("raw", models.TextField(verbose_name="line")),
                        (
                            "file",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="delivery.logfile",
                            ),
                        ),
                        (
                            "node",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="provision.node",
                            ),
                        ),
                    ],
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    EVENT_TABLE, "DROP TABLE delivery_event; DROP SEQUENCE delivery_event_id_seq"
                )
            ],
        ),
        migrations.CreateModel(
            name="Unparsed",
            fields=[],
            options={
                "verbose_name": "unparsed line",
                "verbose_name_plural": "unparsed lines",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("delivery.event",),
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("queue_id", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("expired_at", models.DateTimeField(null=True)),
                ("sender", models.CharField(max_length=400, null=True)),
                ("subject", models.TextField(null=True)),
                ("size", models.BigIntegerField(null=True)),
                ("nrcpt", models.IntegerField(null=True)),
                ("message_id", models.TextField(blank=True)),
                ("client", models.CharField(blank=True, max_length=300)),
                ("service", models.CharField(blank=True, max_length=32)),
                ("sasl_user", models.CharField(blank=True, max_length=320)),
                ("out_domain_id", models.BigIntegerField(null=True)),
                ("notice_of", models.CharField(blank=True, max_length=64)),
                ("file_id", models.BigIntegerField(null=True)),
                ("pos", models.BigIntegerField(null=True)),
                (
                    "node",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="provision.node",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(max_length=400)),
                ("orig_to", models.CharField(blank=True, max_length=400)),
                ("domain_id", models.BigIntegerField(null=True)),
                ("orig_domain_id", models.BigIntegerField(null=True)),
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
                ("at", models.DateTimeField()),
                ("agent", models.CharField(blank=True, max_length=32)),
                ("relay", models.CharField(blank=True, max_length=300)),
                ("dsn", models.CharField(blank=True, max_length=12)),
                ("reply", models.TextField(blank=True)),
                ("delay", models.FloatField(null=True)),
                ("attempts", models.IntegerField(default=0)),
                ("provisional", models.BooleanField(default=False)),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="delivery.message",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain_id", models.BigIntegerField(null=True)),
                ("peer_domain_id", models.BigIntegerField(null=True)),
                (
                    "direction",
                    models.SmallIntegerField(choices=[(1, "Incoming"), (2, "Outgoing"), (3, "Inside")]),
                ),
                ("at", models.DateTimeField()),
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
                ("address", models.CharField(max_length=400)),
                ("via", models.CharField(blank=True, max_length=400)),
                ("changed_at", models.DateTimeField()),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="delivery.message",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="delivery.recipient",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="logfile",
            constraint=models.UniqueConstraint(fields=("node", "identity"), name="logfile_once"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("queue_id", ""), _negated=True),
                fields=["node", "queue_id"],
                name="message_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["domain_id", "-at", "-id"], name="entry_list"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["domain_id", "status", "-at", "-id"], name="entry_status"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["-at", "-id"], name="entry_all"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.GinIndex(fields=["words"], name="entry_words"),
        ),
    ]
