import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0070_acting"),
        ("mailboxes", "0057_storage"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mail_domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk_imports",
                        to="mailboxes.maildomain",
                    ),
                ),
                (
                    "who",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Columns to be said"),
                            ("reading", "Being read"),
                            ("checked", "Checked"),
                            ("confirmed", "Being saved"),
                            ("saved", "Saved"),
                            ("stopped", "Stopped"),
                        ],
                        default="uploaded",
                        max_length=10,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        blank=True,
                        choices=[("all", "All or nothing"), ("good", "The good rows")],
                        max_length=4,
                    ),
                ),
                ("encoding", models.CharField(blank=True, max_length=12)),
                ("separator", models.CharField(default=",", max_length=1)),
                ("columns", models.JSONField(default=list)),
                ("heads", models.BooleanField(default=True)),
                ("left_out", models.JSONField(default=list)),
                ("quota_mb", models.PositiveIntegerField(default=1024)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("good", models.PositiveIntegerField(default=0)),
                ("bad", models.PositiveIntegerField(default=0)),
                ("there", models.PositiveIntegerField(default=0)),
                ("hashes", models.PositiveIntegerField(default=0)),
                ("hashed", models.PositiveIntegerField(default=0)),
                ("more_mb", models.BigIntegerField(default=0)),
                ("saved", models.PositiveIntegerField(default=0)),
                ("trouble", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("beat_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("saved_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["mail_domain", "-created_at"], name="bulk_import_of_domain"),
                    models.Index(fields=["who", "-created_at"], name="bulk_import_of_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "bulk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="mailboxes.bulkimport",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("bulk", "number"), name="bulk_part_once")],
            },
        ),
        migrations.CreateModel(
            name="BulkRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "bulk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="mailboxes.bulkimport",
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("good", "Good"),
                            ("bad", "Bad"),
                            ("there", "There already"),
                            ("saved", "Saved"),
                        ],
                        max_length=5,
                    ),
                ),
                ("address", models.CharField(max_length=320)),
                (
                    "mail_domain",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="mailboxes.maildomain",
                    ),
                ),
                ("quota_mb", models.PositiveIntegerField(default=0)),
                ("password_hash", models.CharField(blank=True, max_length=255)),
                ("welcome", models.CharField(blank=True, max_length=254)),
                ("field", models.CharField(blank=True, max_length=20)),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "indexes": [models.Index(fields=["bulk", "state", "line"], name="bulk_row_by_state")],
                "constraints": [models.UniqueConstraint(fields=("bulk", "line"), name="bulk_row_once")],
            },
        ),
    ]
