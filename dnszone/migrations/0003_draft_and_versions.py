"""Changes are gathered before they are applied, and every applied set is kept."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dnszone", "0002_record_comment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rev", models.BigIntegerField(default=0)),
                ("items", models.JSONField(default=list)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("edit", "edited by hand"),
                            ("preset", "a preset"),
                            ("import", "a zone file"),
                            ("template", "a zone template"),
                            ("restore", "an earlier version brought back"),
                            ("undo", "taken back"),
                            ("panel", "kept by the panel"),
                            ("new", "the domain was added"),
                        ],
                        default="edit",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=200)),
                ("routing", models.CharField(blank=True, max_length=10)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="ZoneVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("serial", models.BigIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("who", models.CharField(blank=True, max_length=254)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("edit", "edited by hand"),
                            ("preset", "a preset"),
                            ("import", "a zone file"),
                            ("template", "a zone template"),
                            ("restore", "an earlier version brought back"),
                            ("undo", "taken back"),
                            ("panel", "kept by the panel"),
                            ("new", "the domain was added"),
                        ],
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("gone", models.JSONField(default=list)),
                ("come", models.JSONField(default=list)),
                ("routing_before", models.CharField(blank=True, max_length=10)),
                ("routing_after", models.CharField(blank=True, max_length=10)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="draft",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="zone",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="dnszone.zone"
            ),
        ),
        migrations.AddField(
            model_name="zoneversion",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="zoneversion",
            name="zone",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="dnszone.zone"
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("zone", "user"), name="draft_once_a_person"),
        ),
        migrations.AddIndex(
            model_name="zoneversion",
            index=models.Index(fields=["zone", "-id"], name="version_list"),
        ),
    ]
