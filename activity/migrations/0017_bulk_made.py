from django.db import migrations

from activity.watching import Watch, rewatch, watch

MAILBOX = Watch(
    table="mailboxes_mailbox",
    model="mailboxes.mailbox",
    leads="mail_domain",
    by="mail_domain_id",
    names=("address",),
    hushed=("password_hash",),
    unsaid=("address", "local", "password_set_at"),
)
QUIETER = Watch(
    table="mailboxes_mailbox",
    model="mailboxes.mailbox",
    leads="mail_domain",
    by="mail_domain_id",
    names=("address",),
    hushed=("password_hash",),
    unsaid=("address", "local", "password_set_at"),
    unless="activity.told",
)
MADE = Watch(
    table="mailboxes_bulkmade",
    model="mailboxes.bulkmade",
    leads="mail_domain",
    by="mail_domain_id",
    names=("title",),
    columns=("title", "made"),
    made_only=True,
)


class Migration(migrations.Migration):
    """Mailboxes made from a file are told once for each domain; those made in any other way one by one as
    before."""

    dependencies = [("activity", "0016_forwarders"), ("mailboxes", "0065_bulk_made")]
    operations = [rewatch(MAILBOX, QUIETER), watch(MADE)]
