import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """How many mailboxes an import made in each domain."""

    dependencies = [("mailboxes", "0064_mailbox_history_by_statement")]

    operations = [
        migrations.CreateModel(
            name="BulkMade",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=120)),
                ("made", models.PositiveIntegerField()),
                (
                    "bulk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="made",
                        to="mailboxes.bulkimport",
                    ),
                ),
                (
                    "mail_domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="mailboxes.maildomain",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("bulk", "mail_domain"), name="bulk_made_once")
                ],
            },
        ),
    ]
