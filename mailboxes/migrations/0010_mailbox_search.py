from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models


class Migration(migrations.Migration):
    """A part of an address is found through its trigrams. The extension is a trusted one (PostgreSQL 13 and
    later): the owner of the database may make it. It stays when this is undone: others search with it too."""

    dependencies = [("mailboxes", "0004_suspension_dated")]

    operations = [
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="mailbox",
            index=GinIndex(
                OpClass("address", name="gin_trgm_ops"),
                condition=models.Q(("deleted_at__isnull", True)),
                name="mailbox_search",
            ),
        ),
    ]
