from django.db import migrations, models


class Migration(migrations.Migration):
    """While mail still comes by the MX of before, a domain that is Remote now puts it off."""

    dependencies = [("mailboxes", "0050_email_routing")]

    operations = [
        migrations.AddField(
            model_name="maildomain",
            name="moved_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="maildomain",
            index=models.Index(
                condition=models.Q(("moved_until__isnull", False)),
                fields=["moved_until"],
                name="mail_domain_moved",
            ),
        ),
    ]
