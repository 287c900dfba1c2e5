from django.db import migrations

from activity.watching import Watch, functions, watch

WATCHED = [
    Watch(table="accounts_user", model="accounts.user", leads="user", by="id", names=("email",), hushed=("password",)),
    Watch(table="accounts_account", model="accounts.account", leads="account", by="id", names=("name",)),
    Watch(table="accounts_plan", model="accounts.plan", leads="account", by="reseller_id", names=("name",)),
    Watch(table="accounts_membership", model="accounts.membership", leads="account", by="account_id", names=("user_id",)),
    Watch(table="accounts_membershipdomain", model="accounts.membershipdomain", leads="membership", by="membership_id", domain_by="domain_id"),
    Watch(table="accounts_invitation", model="accounts.invitation", leads="account", by="account_id", names=("email",)),
    Watch(table="accounts_brand", model="accounts.brand", leads="account", by="account_id", names=("name",), hushed=("logo",)),
    Watch(table="accounts_signinrules", model="accounts.signinrules", leads="", by="id"),
    Watch(table="accounts_domain", model="accounts.domain", leads="account", by="account_id", names=("display_name",), domain_by="=name"),
    Watch(table="accounts_domainclaim", model="accounts.domainclaim", leads="account", by="account_id", names=("display_name",), domain_by="=name"),
    Watch(table="mailboxes_maildomain", model="mailboxes.maildomain", leads="domain", by="domain_id"),
    Watch(table="mailboxes_mailbox", model="mailboxes.mailbox", leads="mail_domain", by="mail_domain_id", names=("address",), hushed=("password_hash",), unsaid=("address", "local", "password_set_at")),
    Watch(table="mailboxes_dkimkey", model="mailboxes.dkimkey", leads="mail_domain", by="mail_domain_id", names=("selector",), unsaid=("public_key",)),
    Watch(table="dnszone_zone", model="dnszone.zone", leads="domain", by="domain_id", names=("name",)),
    Watch(table="dnszone_record", model="dnszone.record", leads="zone", by="zone_id", names=("owner", "type")),
    Watch(table="mfa_authenticator", model="mfa.authenticator", leads="user", by="user_id", names=("user_id",), columns=("type",)),
]  # fmt: skip


class Migration(migrations.Migration):
    """Statement triggers on everything that customers can change."""

    dependencies = [
        ("activity", "0002_initial"),
        ("accounts", "0009_muted_notices"),
        ("mailboxes", "0001_initial"),
        ("provision", "0001_initial"),
        ("dnszone", "0001_initial"),
        ("mfa", "0001_initial"),
    ]
    operations = [functions(), *map(watch, WATCHED)]
