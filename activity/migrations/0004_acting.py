from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """Beginning and ending to act for a client, as the client sees it."""

    dependencies = [("activity", "0003_triggers"), ("accounts", "0070_acting")]
    operations = [
        watch(
            Watch(
                table="accounts_acting",
                model="accounts.acting",
                leads="account",
                by="account_id",
                unsaid=("until",),
            )
        )
    ]
