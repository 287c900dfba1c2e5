from django.db import migrations, models


class Migration(migrations.Migration):
    """Counts by the day beside those by the hour; what is folded already is marked, so that folding reads only
    what is new."""

    dependencies = [
        ("delivery", "0043_list_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="TrafficDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.DateTimeField()),
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
                            (6, "Held"),
                        ]
                    ),
                ),
                ("cause", models.CharField(blank=True, max_length=40)),
                ("entries", models.BigIntegerField()),
                ("bytes", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="destinationpart",
            name="folded",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="trafficpart",
            name="folded",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="destinationpart",
            index=models.Index(
                condition=models.Q(("folded", False)), fields=["domain_id"], name="destination_not_folded"
            ),
        ),
        migrations.AddIndex(
            model_name="trafficpart",
            index=models.Index(
                condition=models.Q(("folded", False)), fields=["domain_id"], name="traffic_not_folded"
            ),
        ),
        migrations.AddIndex(
            model_name="trafficpart",
            index=models.Index(
                condition=models.Q(("bytes", 0), ("entries", 0)), fields=["hour"], name="traffic_nought"
            ),
        ),
        migrations.AddConstraint(
            model_name="destinationpart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("folded", True)),
                fields=("domain_id", "day", "destination"),
                name="destination_folded_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="trafficpart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("folded", True)),
                fields=("hour", "domain_id", "peer_domain_id", "direction", "status", "cause"),
                name="traffic_folded_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="trafficday",
            index=models.Index(fields=["start"], name="traffic_day"),
        ),
        migrations.AddIndex(
            model_name="trafficday",
            index=models.Index(
                condition=models.Q(("bytes", 0), ("entries", 0)), fields=["start"], name="traffic_day_nought"
            ),
        ),
        migrations.AddConstraint(
            model_name="trafficday",
            constraint=models.UniqueConstraint(
                fields=("domain_id", "start", "peer_domain_id", "direction", "status", "cause"),
                include=("entries", "bytes"),
                name="traffic_day_once",
                nulls_distinct=False,
            ),
        ),
    ]
