from django.db import migrations

# Before, suspended meant: nobody signs in or sends, mail goes on arriving.
FORWARDS = """
    UPDATE mailboxes_mailbox AS m
    SET no_sign_in = true, no_send = true, suspended_from = a.name
    FROM mailboxes_maildomain AS md
    JOIN accounts_domain AS d ON d.id = md.domain_id
    JOIN accounts_account AS a ON a.id = d.account_id
    WHERE md.id = m.mail_domain_id AND m.suspended_at IS NOT NULL
"""
# Who was only kept from receiving was not suspended then.
BACKWARDS = """
    UPDATE mailboxes_mailbox SET suspended_at = NULL, suspended_reason = ''
    WHERE suspended_at IS NOT NULL AND NOT (no_sign_in OR no_send)
"""


class Migration(migrations.Migration):
    """What was suspended stays so, said by its three switches."""

    dependencies = [("mailboxes", "0002_suspension")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
