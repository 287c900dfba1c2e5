from django.db import migrations

from activity.watching import Watch, watch

ALIAS = Watch(
    table="mailboxes_alias",
    model="mailboxes.alias",
    leads="mail_domain",
    by="mail_domain_id",
    names=("address",),
    unsaid=("mail_domain_id", "home", "local"),
)
FORWARDING = Watch(
    table="mailboxes_forwarding",
    model="mailboxes.forwarding",
    leads="mailbox",
    by="mailbox_id",
    unsaid=("mailbox_id", "changed_at"),
)
CONTACT = Watch(
    table="mailboxes_rolecontact",
    model="mailboxes.rolecontact",
    leads="mail_domain",
    by="mail_domain_id",
    names=("address",),
    unsaid=("mail_domain_id",),
)


class Migration(migrations.Migration):
    """Addresses that lead elsewhere, and who gets postmaster@."""

    dependencies = [("activity", "0015_sieve"), ("mailboxes", "0059_forwarders")]
    operations = [watch(ALIAS), watch(FORWARDING), watch(CONTACT)]
