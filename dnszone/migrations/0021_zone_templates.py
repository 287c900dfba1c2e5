"""Zone templates, the zones made from them, and roll-outs."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0050_search"),
        ("dnszone", "0020_zone_place"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ZoneTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("text", models.TextField(verbose_name="records")),
                ("is_default", models.BooleanField(default=False, verbose_name="for new domains")),
                ("revision", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="zone_templates",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ZoneRollout",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("preview", "not applied yet"),
                            ("running", "being applied"),
                            ("done", "applied"),
                        ],
                        default="preview",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("moved_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rollouts",
                        to="dnszone.zonetemplate",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ZoneTemplateEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("text", models.TextField(verbose_name="records")),
                ("is_default", models.BooleanField(default=False, verbose_name="for new domains")),
                ("revision", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="dnszone.zonetemplate",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ZoneTemplateRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="dnszone.zonetemplate",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ZoneTemplateUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                ("values", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="dnszone.zonetemplate",
                    ),
                ),
                (
                    "zone",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="template_use",
                        to="dnszone.zone",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ZoneRolloutItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("serial", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("done", "changed"),
                            ("same", "nothing was different"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                (
                    "rollout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="dnszone.zonerollout",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="dnszone.zone"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["rollout", "state", "id"], name="zonerollout_items")],
                "constraints": [
                    models.UniqueConstraint(fields=("rollout", "zone"), name="zonerollout_zone_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="zonetemplate",
            constraint=models.UniqueConstraint(
                models.F("owner"),
                django.db.models.functions.text.Lower("name"),
                name="zonetemplate_name_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="zonetemplate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("owner",),
                name="zonetemplate_one_default",
                nulls_distinct=False,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="zonetemplate",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "dnszone_zonetemplateevent" ("created_at", "id", "is_default", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "text") VALUES (NEW."created_at", NEW."id", NEW."is_default", NEW."name", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revision", NEW."text"); RETURN NULL;',
                    hash="82532adc2fadc610873bd05be51d28b3bc766a74",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0666e",
                    table="dnszone_zonetemplate",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="zonetemplate",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "dnszone_zonetemplateevent" ("created_at", "id", "is_default", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "text") VALUES (NEW."created_at", NEW."id", NEW."is_default", NEW."name", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revision", NEW."text"); RETURN NULL;',
                    hash="2163fc129b39512a23fd4e7baace6242247b2f0f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_173d0",
                    table="dnszone_zonetemplate",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="zonetemplate",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "dnszone_zonetemplateevent" ("created_at", "id", "is_default", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "text") VALUES (OLD."created_at", OLD."id", OLD."is_default", OLD."name", OLD."owner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."revision", OLD."text"); RETURN NULL;',
                    hash="e4c3dc1834d0fc9179db539f3319ef821c3d5d65",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_970c6",
                    table="dnszone_zonetemplate",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="zonerollout",
            index=models.Index(fields=["template", "-id"], name="zonerollout_list"),
        ),
        migrations.AddIndex(
            model_name="zonerollout",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["moved_at"], name="zonerollout_running"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="zonetemplateevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d13bf98ebcdaad0210e8effc09882d057cd571c5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_32d4d",
                    table="dnszone_zonetemplateevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="zonetemplaterevision",
            constraint=models.UniqueConstraint(
                fields=("template", "number"), name="zonetemplate_revision_once"
            ),
        ),
    ]
