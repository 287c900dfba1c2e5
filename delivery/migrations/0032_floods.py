from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0031_by_the_day")]

    operations = [
        migrations.CreateModel(
            name="Flood",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hour", models.DateTimeField()),
                ("domain_id", models.BigIntegerField()),
                ("client", models.CharField(max_length=64)),
                ("cause", models.CharField(max_length=40)),
                ("lead_id", models.BigIntegerField()),
                ("entries", models.IntegerField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="flood",
            constraint=models.UniqueConstraint(
                fields=("hour", "domain_id", "client", "cause"), name="flood_once"
            ),
        ),
    ]
