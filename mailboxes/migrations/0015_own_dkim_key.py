import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The provider's own name has signing keys too: those without a domain of a customer."""

    dependencies = [("mailboxes", "0014_address_statistics"), ("provision", "0001_initial")]

    operations = [
        migrations.AlterField(
            "dkimkey",
            "mail_domain",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="dkim_keys",
                to="mailboxes.maildomain",
            ),
        ),
        migrations.AlterField(
            "dkimkeyevent",
            "mail_domain",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="mailboxes.maildomain",
            ),
        ),
        migrations.AddConstraint(
            "dkimkey",
            models.UniqueConstraint(
                fields=["node"],
                condition=models.Q(mail_domain__isnull=True),
                name="dkim_own_once_a_node",
            ),
        ),
    ]
