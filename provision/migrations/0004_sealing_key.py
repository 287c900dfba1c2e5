from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("provision", "0003_questions")]

    operations = [
        migrations.AddField(
            model_name="node",
            name="sealing_key",
            field=models.CharField(
                blank=True,
                help_text="X25519, base64: secrets are sealed for it (lib.sealing)",
                max_length=64,
            ),
        ),
    ]
