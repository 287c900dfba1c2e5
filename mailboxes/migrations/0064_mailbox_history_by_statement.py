import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """The history of mailboxes that are made: a trigger for the statement, not one for each row."""

    dependencies = [("mailboxes", "0063_bulk_suspended")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="mailbox",
            name="insert_insert",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mailbox",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "mailboxes_mailboxevent" ("address", "created_at", "deleted_at", "home", "id", "imap", "local", "mail_domain_id", "no_receive", "no_send", "no_sign_in", "password_set_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pop3", "quota_mb", "sieve", "smtp", "suspended_at", "suspended_by_id", "suspended_from", "suspended_rank", "suspended_reason") SELECT new_values."address", new_values."created_at", new_values."deleted_at", new_values."home", new_values."id", new_values."imap", new_values."local", new_values."mail_domain_id", new_values."no_receive", new_values."no_send", new_values."no_sign_in", new_values."password_set_at", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."pop3", new_values."quota_mb", new_values."sieve", new_values."smtp", new_values."suspended_at", new_values."suspended_by_id", new_values."suspended_from", new_values."suspended_rank", new_values."suspended_reason" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="808ddbc9061a8bbc9bab5d98dca7452e32a74883",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_8a0b2",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="mailboxes_mailbox",
                    when="AFTER",
                ),
            ),
        ),
    ]
