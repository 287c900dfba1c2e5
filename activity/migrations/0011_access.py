from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """App passwords, sender identities and sign-ins of websites."""

    dependencies = [("activity", "0010_compromises"), ("mailboxes", "0056_access")]
    operations = [
        watch(
            Watch(
                table="mailboxes_apppassword",
                model="mailboxes.apppassword",
                leads="mailbox",
                by="mailbox_id",
                names=("label",),
                unsaid=("key",),
            )
        ),
        watch(
            Watch(
                table="mailboxes_websitesender",
                model="mailboxes.websitesender",
                leads="mail_domain",
                by="mail_domain_id",
                names=("login",),
                unsaid=("key",),
            )
        ),
        watch(
            Watch(
                table="mailboxes_identity",
                model="mailboxes.identity",
                leads="mailbox",
                by="mailbox_id",
                names=("address",),
                unsaid=("website_id", "mailbox_id"),
            )
        ),
    ]
