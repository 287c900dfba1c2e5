import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """The history of records is written once a statement, no longer once a row."""

    dependencies = [
        ("dnszone", "0060_version_summary"),
    ]

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
        pgtrigger.migrations.AddTrigger(
            model_name="record",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "dnszone_recordevent" ("comment", "created_at", "id", "managed", "owner", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rdata", "since_serial", "ttl", "type", "zone_id") SELECT new_values."comment", new_values."created_at", new_values."id", new_values."managed", new_values."owner", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."rdata", new_values."since_serial", new_values."ttl", new_values."type", new_values."zone_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8bcbb186f2815ff3dd62c8a041a6641461d88ca3",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5fd50",
                    referencing="REFERENCING NEW TABLE AS new_values ",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "dnszone_recordevent" ("comment", "created_at", "id", "managed", "owner", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rdata", "since_serial", "ttl", "type", "zone_id") SELECT new_values."comment", new_values."created_at", new_values."id", new_values."managed", new_values."owner", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."rdata", new_values."since_serial", new_values."ttl", new_values."type", new_values."zone_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="e63f4eea3467aa19d27a9a808e569403a94caf38",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e5e37",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "dnszone_recordevent" ("comment", "created_at", "id", "managed", "owner", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rdata", "since_serial", "ttl", "type", "zone_id") SELECT old_values."comment", old_values."created_at", old_values."id", old_values."managed", old_values."owner", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."rdata", old_values."since_serial", old_values."ttl", old_values."type", old_values."zone_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="0360bd15422bb862d4ec462928b139d6ba5dd286",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_1e817",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="dnszone_record",
                    when="AFTER",
                ),
            ),
        ),
    ]
