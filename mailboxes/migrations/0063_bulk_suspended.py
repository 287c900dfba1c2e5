from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0062_sieve")]

    operations = [
        migrations.AddField(
            model_name="bulkrow",
            name="suspended",
            field=models.BooleanField(default=False),
        ),
    ]
