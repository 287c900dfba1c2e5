from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0039_saved_filters")]

    operations = [
        migrations.CreateModel(
            name="NoticeAgain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entry_id", models.BigIntegerField(db_index=True)),
                ("domain_id", models.BigIntegerField()),
                ("told", models.CharField(max_length=320, verbose_name="told")),
                ("address", models.CharField(max_length=400, verbose_name="not delivered to")),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
