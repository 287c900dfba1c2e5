from django.db import migrations, models


class Migration(migrations.Migration):
    """How many records of which types a version changed, so that nobody has to read all of it."""

    dependencies = [("dnszone", "0040_record_list_orders")]
    operations = [
        migrations.AddField(
            model_name="zoneversion",
            name="records",
            field=models.PositiveIntegerField(default=0, verbose_name="records"),
        ),
        migrations.AddField(
            model_name="zoneversion",
            name="kinds",
            field=models.CharField(blank=True, max_length=200, verbose_name="types"),
        ),
    ]
