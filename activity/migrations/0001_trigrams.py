from django.db import migrations


class Migration(migrations.Migration):
    """The search looks for parts of words. The extension is a trusted one (PostgreSQL 13 and later): the
    owner of the database may make it. It stays when this is undone: others search with it too."""

    dependencies = []
    operations = [migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop)]
