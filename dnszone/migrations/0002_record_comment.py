"""A person's own remark at a record."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dnszone", "0001_initial")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="record",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="record",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="record",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="record",
            name="comment",
            field=models.CharField(blank=True, max_length=200, verbose_name="comment"),
        ),
        migrations.AddField(
            model_name="recordevent",
            name="comment",
            field=models.CharField(blank=True, max_length=200, verbose_name="comment"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="record",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "dnszone_recordevent" ("comment", "created_at", "id", "managed", "owner", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rdata", "since_serial", "ttl", "type", "zone_id") VALUES (NEW."comment", NEW."created_at", NEW."id", NEW."managed", NEW."owner", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rdata", NEW."since_serial", NEW."ttl", NEW."type", NEW."zone_id"); RETURN NULL;',
                    hash="cec8af546811ae648d38f83610cd82e6dd9fd432",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5fd50",
                    table="dnszone_record",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="record",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "dnszone_recordevent" ("comment", "created_at", "id", "managed", "owner", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rdata", "since_serial", "ttl", "type", "zone_id") VALUES (NEW."comment", NEW."created_at", NEW."id", NEW."managed", NEW."owner", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rdata", NEW."since_serial", NEW."ttl", NEW."type", NEW."zone_id"); RETURN NULL;',
                    hash="84016e71175fdec4515e9432f64a8e17af3d4c6c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e5e37",
                    table="dnszone_record",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="record",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "dnszone_recordevent" ("comment", "created_at", "id", "managed", "owner", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rdata", "since_serial", "ttl", "type", "zone_id") VALUES (OLD."comment", OLD."created_at", OLD."id", OLD."managed", OLD."owner", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."rdata", OLD."since_serial", OLD."ttl", OLD."type", OLD."zone_id"); RETURN NULL;',
                    hash="5fd95d87280ccd7af6321e9382c4a3724958312a",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_1e817",
                    table="dnszone_record",
                    when="AFTER",
                ),
            ),
        ),
    ]
