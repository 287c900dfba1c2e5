"""Where the DNS of each zone was last seen."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dnszone", "0003_draft_and_versions")]

    operations = [
        migrations.CreateModel(
            name="ZonePlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("here", "here"),
                            ("elsewhere", "at another provider"),
                            ("half", "half here, half elsewhere"),
                            ("nowhere", "nowhere yet"),
                            ("unknown", "not known"),
                        ],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                ("servers", models.JSONField(default=list)),
                ("found", models.JSONField(default=dict)),
                ("at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("here_since", models.DateTimeField(null=True)),
                ("next_check_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "zone",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="place", to="dnszone.zone"
                    ),
                ),
            ],
        ),
    ]
