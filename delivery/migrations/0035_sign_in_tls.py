from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0034_counts")]

    operations = [
        migrations.AddField(
            "signin", "tls", models.CharField(blank=True, default="", max_length=60), preserve_default=False
        ),
        # What a filter did with mail that did not go to the inbox: few, and asked for by the mailbox.
        migrations.RunSQL(
            "CREATE INDEX filed_elsewhere ON delivery_filed (login, id DESC) WHERE what NOT IN ('INBOX', '')",
            "DROP INDEX filed_elsewhere",
        ),
    ]
