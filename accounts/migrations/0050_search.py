from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    """Parts of names are found through their trigrams. The extension is a trusted one (PostgreSQL 13 and
    later): the owner of the database may make it. It stays when this is undone: others search with it too."""

    dependencies = [("accounts", "0030_sign_in_tries"), ("accounts", "0070_acting")]

    operations = [
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="account",
            index=GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="account_search"),
        ),
        migrations.AddIndex(
            model_name="domain",
            index=GinIndex(OpClass("name", name="gin_trgm_ops"), name="domain_search"),
        ),
        migrations.AddIndex(
            model_name="domain",
            index=GinIndex(OpClass("display_name", name="gin_trgm_ops"), name="domain_search_display"),
        ),
    ]
