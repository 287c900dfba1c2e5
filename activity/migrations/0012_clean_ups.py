from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """Mails that somebody was rid of."""

    dependencies = [("activity", "0011_access"), ("mailboxes", "0057_storage")]
    operations = [
        watch(
            Watch(
                table="mailboxes_cleanup",
                model="mailboxes.cleanup",
                leads="mailbox",
                by="mailbox_id",
                unsaid=("mailbox_id", "job_id"),
                made_only=True,
            )
        )
    ]
