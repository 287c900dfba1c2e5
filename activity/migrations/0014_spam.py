from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """What is done with spam, and the lists of senders."""

    dependencies = [("activity", "0013_sending_limits"), ("mailboxes", "0061_spam")]
    operations = [
        watch(
            Watch(
                table=f"mailboxes_{who}{what}",
                model=f"mailboxes.{who}{what}",
                leads=leads,
                by="owner_id",
                names=names,
                unsaid=("owner_id",),
            )
        )
        for who, leads in (("mailbox", "mailbox"), ("domain", "mail_domain"))
        for what, names in (("spam", ()), ("listentry", ("sender",)))
    ]
