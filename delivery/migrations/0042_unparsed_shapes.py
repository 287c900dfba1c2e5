import django.db.models.functions.text
from django.db import migrations, models

# What is left of a line's begin when names and numbers are taken out: lines of one kind have it in common. The index finds any part
# of a line.
FORWARDS = r"""
ALTER TABLE delivery_unparsed ADD COLUMN shape text GENERATED ALWAYS AS (
    left(regexp_replace(regexp_replace(left(raw, 300), '<[^<>]*>|[^ <>@=]+@[^ <>@=,]+', '<>', 'g'), '[[:alnum:]]*[0-9][[:alnum:]]*', '#', 'g'), 160)
) STORED;
CREATE INDEX unparsed_words ON delivery_unparsed USING gin (upper(raw) gin_trgm_ops);
CREATE INDEX unparsed_shape ON delivery_unparsed (shape, id DESC);
"""
BACKWARDS = """
DROP INDEX unparsed_shape;
DROP INDEX unparsed_words;
ALTER TABLE delivery_unparsed DROP COLUMN shape;
"""
SHAPE = models.GeneratedField(
    db_persist=True,
    expression=django.db.models.functions.text.Left("raw", 160),
    output_field=models.TextField(),
)


class Migration(migrations.Migration):
    dependencies = [("delivery", "0041_carry_over"), ("activity", "0001_trigrams")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddField("unparsed", "shape", SHAPE)],
            database_operations=[migrations.RunSQL(FORWARDS, BACKWARDS)],
        ),
    ]
