from django.db import migrations

# Searches and filters walk along a domain's newest rows, those of a flood too. What is rare of a status or cause is found by its mark
# among the words instead (delivery/paging.py).
INDEX = """
DROP INDEX entry_status;
CREATE INDEX entry_all ON delivery_entry (domain_id, id DESC);
"""
NO_INDEX = """
DROP INDEX entry_all;
CREATE INDEX entry_status ON delivery_entry (domain_id, status, id DESC) WHERE lead_id IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0042_unparsed_shapes")]

    operations = [migrations.RunSQL(INDEX, NO_INDEX)]
