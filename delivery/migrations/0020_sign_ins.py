from django.db import migrations

# Sign-ins of one name, newest first (delivery.signins has the same expressions). Lines about mail that nobody signed in for
# have no name, and no row in it.
WHO = "lower(coalesce(data ->> 'user', data ->> 'sasl'))"
CREATE = f"""
CREATE INDEX delivery_event_who ON delivery_event ({WHO}, at DESC, id DESC)
    WHERE kind IN ('sign-in', 'auth-failed', 'client') AND {WHO} IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0010_traffic_parts")]

    operations = [migrations.RunSQL(CREATE, "DROP INDEX delivery_event_who")]
