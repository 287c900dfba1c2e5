from django.db import migrations

# Who signed in, or was refused, within the last minutes (panel.compromise.lately).
WHO = "lower(coalesce(data ->> 'user', data ->> 'sasl'))"
CREATE = f"""
CREATE INDEX delivery_event_tries ON delivery_event (at)
    WHERE kind IN ('sign-in', 'auth-failed', 'client') AND {WHO} IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0020_sign_ins")]

    operations = [migrations.RunSQL(CREATE, "DROP INDEX delivery_event_tries")]
