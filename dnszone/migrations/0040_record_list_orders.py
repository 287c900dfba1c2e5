"""Every order and filter of the record list by an index."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dnszone", "0030_record_rules"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["zone", "ttl", "owner", "id"], name="record_by_ttl"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                models.F("zone"),
                django.db.models.functions.text.Left("rdata", 100),
                models.F("id"),
                name="record_by_value",
            ),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                condition=models.Q(("managed", ""), _negated=True),
                fields=["zone", "owner", "type", "id"],
                name="record_by_panel",
            ),
        ),
    ]
