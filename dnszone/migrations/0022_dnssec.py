"""DNSSEC: what is wanted, the keys of the name servers, and what the zone above says."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dnszone", "0021_zone_templates"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("provision", "0002_push_behind"),
    ]

    operations = [
        migrations.CreateModel(
            name="SigningWatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("complete_at", models.DateTimeField(null=True)),
                ("zone_ttl", models.PositiveIntegerField(default=0)),
                ("ds", models.JSONField(default=list)),
                ("ds_ttl", models.PositiveIntegerField(default=0)),
                ("seen_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("next_check_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "zone",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signing_watch",
                        to="dnszone.zone",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ZoneSigning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "generations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="signing keys",
                    ),
                ),
                ("last", models.PositiveIntegerField(default=0)),
                (
                    "zone",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="signing", to="dnszone.zone"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ZoneSigningEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "generations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="signing keys",
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
                        to="dnszone.zonesigning",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="dnszone.zone",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("generation", models.PositiveIntegerField()),
                ("key_tag", models.PositiveIntegerField()),
                ("algorithm", models.PositiveSmallIntegerField()),
                ("dnskey", models.TextField()),
                ("ds", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[("made", "signs"), ("lost", "lost with its server"), ("removed", "removed")],
                        default="made",
                        max_length=8,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                ("shown", models.BooleanField(default=False)),
                ("ds_seen_at", models.DateTimeField(null=True)),
                ("ds_gone_at", models.DateTimeField(null=True)),
                ("ds_ttl", models.PositiveIntegerField(default=0)),
                (
                    "node",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="provision.node",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signing_keys",
                        to="dnszone.zone",
                    ),
                ),
            ],
            options={
                "ordering": ["generation", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "made")),
                        fields=("zone", "node", "generation"),
                        name="signing_key_once",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="zonesigning",
            constraint=models.CheckConstraint(
                condition=models.Q(("generations__len__lte", 2)), name="signing_two_generations"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="zonesigning",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "dnszone_zonesigningevent" ("generations", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "zone_id") VALUES (NEW."generations", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."zone_id"); RETURN NULL;',
                    hash="9c29bda8cae1f491858012915078a2100448d3ea",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a46a3",
                    table="dnszone_zonesigning",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="zonesigning",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."generations" IS DISTINCT FROM (NEW."generations") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."zone_id" IS DISTINCT FROM (NEW."zone_id"))',
                    func='INSERT INTO "dnszone_zonesigningevent" ("generations", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "zone_id") VALUES (NEW."generations", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."zone_id"); RETURN NULL;',
                    hash="496e948a21f8fc02d618e48bbe217412a08958b8",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2c21a",
                    table="dnszone_zonesigning",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="zonesigning",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "dnszone_zonesigningevent" ("generations", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "zone_id") VALUES (OLD."generations", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."zone_id"); RETURN NULL;',
                    hash="12b45396c8bf350e60f66802c39ad95925319a99",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_fab51",
                    table="dnszone_zonesigning",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="zonesigningevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2685281900d7fce7f0e09a0746e14c76b605a907",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_99647",
                    table="dnszone_zonesigningevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
