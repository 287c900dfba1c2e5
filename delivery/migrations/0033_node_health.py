import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0032_floods"), ("provision", "0004_sealing_key")]

    operations = [
        migrations.CreateModel(
            name="NodeHealth",
            fields=[
                (
                    "node",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="provision.node",
                    ),
                ),
                ("logs", models.JSONField(default=dict)),
                ("told_at", models.DateTimeField()),
            ],
        ),
    ]
