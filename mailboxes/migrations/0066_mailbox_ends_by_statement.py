import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """The history of mailboxes whose rows go: a trigger for the statement, not one for each row."""

    dependencies = [
        ("mailboxes", "0065_bulk_made"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="mailbox",
            name="delete_delete",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mailbox",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "mailboxes_mailboxevent" ("address", "created_at", "deleted_at", "home", "id", "imap", "local", "mail_domain_id", "no_receive", "no_send", "no_sign_in", "password_set_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pop3", "quota_mb", "sieve", "smtp", "suspended_at", "suspended_by_id", "suspended_from", "suspended_rank", "suspended_reason") SELECT old_values."address", old_values."created_at", old_values."deleted_at", old_values."home", old_values."id", old_values."imap", old_values."local", old_values."mail_domain_id", old_values."no_receive", old_values."no_send", old_values."no_sign_in", old_values."password_set_at", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."pop3", old_values."quota_mb", old_values."sieve", old_values."smtp", old_values."suspended_at", old_values."suspended_by_id", old_values."suspended_from", old_values."suspended_rank", old_values."suspended_reason" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5948922f755e2ccb0e7eb8b1662045066ec4f991",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_74d74",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="mailboxes_mailbox",
                    when="AFTER",
                ),
            ),
        ),
    ]
