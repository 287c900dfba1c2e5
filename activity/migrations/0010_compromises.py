from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """Logins stopped from sending by the panel, and let go by somebody."""

    dependencies = [("activity", "0009_zone_versions"), ("mailboxes", "0054_compromises")]
    operations = [
        watch(
            Watch(
                table="mailboxes_compromise",
                model="mailboxes.compromise",
                leads="mail_domain",
                by="mail_domain_id",
                names=("login",),
                unsaid=("mailbox_id", "since", "released_by_id"),
            )
        )
    ]
