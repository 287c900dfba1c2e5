from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """Automatic answers and filters."""

    dependencies = [("activity", "0014_spam"), ("mailboxes", "0062_sieve")]
    operations = [
        watch(
            Watch(
                table="mailboxes_autoresponder",
                model="mailboxes.autoresponder",
                leads="mailbox",
                by="mailbox_id",
                unsaid=("mailbox_id",),
            )
        ),
        *(
            watch(
                Watch(
                    table=f"mailboxes_{who}filter",
                    model=f"mailboxes.{who}filter",
                    leads=leads,
                    by="owner_id",
                    names=("name",),
                    hushed=("conditions", "actions"),
                    unsaid=("owner_id", "position"),
                )
            )
            for who, leads in (("mailbox", "mailbox"), ("domain", "mail_domain"))
        ),
    ]
