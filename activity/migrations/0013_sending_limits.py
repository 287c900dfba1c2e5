from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """How much a mailbox, a domain or an account may send."""

    dependencies = [("activity", "0012_clean_ups"), ("mailboxes", "0060_sending_limits")]
    operations = [
        watch(
            Watch(
                table="mailboxes_sendinglimit",
                model="mailboxes.sendinglimit",
                leads="account",
                by="account_id",
                names=("whose",),
                unsaid=("mailbox_id", "mail_domain_id"),
            )
        )
    ]
