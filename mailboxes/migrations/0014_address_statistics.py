from django.db import migrations


class Migration(migrations.Migration):
    """How common a part of an address is decides how it is looked for: through its trigrams, or along the
    list. A hundred samples, the default, take one in a thousand for one in a hundred: a wrong guess reads
    tens of thousands of rows."""

    dependencies = [("mailboxes", "0012_mailbox_user")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE mailboxes_mailbox ALTER COLUMN address SET STATISTICS 1000",
            "ALTER TABLE mailboxes_mailbox ALTER COLUMN address SET STATISTICS -1",
        )
    ]
