from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0036_turns"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueueAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain_id", models.BigIntegerField(db_index=True, null=True)),
                ("node", models.CharField(max_length=32, verbose_name="server")),
                ("who", models.CharField(blank=True, max_length=320)),
                (
                    "did",
                    models.CharField(
                        choices=[
                            ("deliver", "Deliver now"),
                            ("hold", "Hold"),
                            ("release", "Release"),
                            ("delete", "Delete"),
                        ],
                        max_length=8,
                        verbose_name="action",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=300, verbose_name="mails")),
                ("meant", models.JSONField(default=dict, verbose_name="chosen by")),
                ("done", models.PositiveIntegerField(null=True, verbose_name="mails changed")),
                ("proven", models.PositiveIntegerField(null=True, verbose_name="seen in the queue")),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
