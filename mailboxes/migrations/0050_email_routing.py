import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0050_search"),
        ("mailboxes", "0015_own_dkim_key"),
        ("provision", "0002_push_behind"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="maildomain",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="maildomain",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="maildomain",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="maildomain",
            name="decided",
            field=models.CharField(
                choices=[
                    ("automatic", "Automatic"),
                    ("local", "Local"),
                    ("backup", "Backup"),
                    ("remote", "Remote"),
                    ("off", "Off"),
                ],
                default="local",
                max_length=10,
                verbose_name="incoming mail",
            ),
        ),
        migrations.AddField(
            model_name="maildomain",
            name="decided_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="maildomain",
            name="decided_why",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="maildomain",
            name="found",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="maildomain",
            name="looked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="maildomain",
            name="next_look_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="maildomain",
            name="pending",
            field=models.CharField(
                blank=True,
                choices=[
                    ("automatic", "Automatic"),
                    ("local", "Local"),
                    ("backup", "Backup"),
                    ("remote", "Remote"),
                    ("off", "Off"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="maildomain",
            name="pending_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="maildomain",
            name="routing",
            field=models.CharField(
                choices=[
                    ("automatic", "Automatic"),
                    ("local", "Local"),
                    ("backup", "Backup"),
                    ("remote", "Remote"),
                    ("off", "Off"),
                ],
                default="automatic",
                max_length=10,
                verbose_name="Email Routing",
            ),
        ),
        migrations.AddField(
            model_name="maildomainevent",
            name="decided",
            field=models.CharField(
                choices=[
                    ("automatic", "Automatic"),
                    ("local", "Local"),
                    ("backup", "Backup"),
                    ("remote", "Remote"),
                    ("off", "Off"),
                ],
                default="local",
                max_length=10,
                verbose_name="incoming mail",
            ),
        ),
        migrations.AddField(
            model_name="maildomainevent",
            name="routing",
            field=models.CharField(
                choices=[
                    ("automatic", "Automatic"),
                    ("local", "Local"),
                    ("backup", "Backup"),
                    ("remote", "Remote"),
                    ("off", "Off"),
                ],
                default="automatic",
                max_length=10,
                verbose_name="Email Routing",
            ),
        ),
        migrations.AddIndex(
            model_name="maildomain",
            index=models.Index(fields=["next_look_at"], name="mail_domain_look_due"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maildomain",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mailboxes_maildomainevent" ("created_at", "decided", "domain_id", "id", "node_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "routing") VALUES (NEW."created_at", NEW."decided", NEW."domain_id", NEW."id", NEW."node_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."routing"); RETURN NULL;',
                    hash="94759d3531662a995169aef00f7af62c5f71fdcf",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_e6778",
                    table="mailboxes_maildomain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maildomain",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."decided" IS DISTINCT FROM (NEW."decided") OR OLD."domain_id" IS DISTINCT FROM (NEW."domain_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."node_id" IS DISTINCT FROM (NEW."node_id") OR OLD."routing" IS DISTINCT FROM (NEW."routing"))',
                    func='INSERT INTO "mailboxes_maildomainevent" ("created_at", "decided", "domain_id", "id", "node_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "routing") VALUES (NEW."created_at", NEW."decided", NEW."domain_id", NEW."id", NEW."node_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."routing"); RETURN NULL;',
                    hash="b0d080fe2b68b91d491a5c9d06b2a9a48bdac12f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6fb6f",
                    table="mailboxes_maildomain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maildomain",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mailboxes_maildomainevent" ("created_at", "decided", "domain_id", "id", "node_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "routing") VALUES (OLD."created_at", OLD."decided", OLD."domain_id", OLD."id", OLD."node_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."routing"); RETURN NULL;',
                    hash="7b31a6e222b38f7ad8ae31c085b653218b8a4e28",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_35c1c",
                    table="mailboxes_maildomain",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="maildomain",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("routing", "automatic"), ("routing", models.F("decided")), _connector="OR"
                ),
                name="mail_domain_as_chosen",
            ),
        ),
        migrations.AddConstraint(
            model_name="maildomain",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided__in", ["local", "backup", "remote", "off"])),
                name="mail_domain_decided",
            ),
        ),
    ]
