from django.db import migrations, models


class Migration(migrations.Migration):
    """What is behind of a domain is found without looking at all that is live."""

    dependencies = [("provision", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="push",
            index=models.Index(
                condition=models.Q(("desired_rev__gt", models.F("applied_rev"))),
                fields=["domain"],
                name="push_behind",
            ),
        ),
    ]
