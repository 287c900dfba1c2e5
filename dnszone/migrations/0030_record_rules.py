"""What DNS says of ALIAS, DS and stars, held by the database too."""

import django.contrib.postgres.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dnszone", "0022_dnssec")]

    operations = [
        migrations.AddConstraint(
            model_name="record",
            constraint=models.UniqueConstraint(
                condition=models.Q(("type", "ALIAS")), fields=("zone", "owner"), name="record_one_alias"
            ),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("type__in", ["A", "AAAA", "ALIAS"])),
                expressions=[
                    (models.F("zone"), "="),
                    (models.F("owner"), "="),
                    (
                        models.Case(
                            models.When(then=models.Value(1), type="ALIAS"),
                            default=models.Value(0),
                            output_field=models.IntegerField(),
                        ),
                        "<>",
                    ),
                ],
                name="record_alias_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner", "@"), ("type", "DS"), _negated=True), name="record_no_ds_at_apex"
            ),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner__startswith", "*"), ("type__in", ["ALIAS", "DS"]), _negated=True),
                name="record_no_star_for_type",
            ),
        ),
    ]
