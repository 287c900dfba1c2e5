from django.db import migrations, models

from delivery.migrations._first import NO_TRIGGERS, TRIGGERS


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
