from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """Where nodes are, what they are for, and whether they take new domains. The provider's own."""

    dependencies = [("activity", "0020_shares_and_questions"), ("provision", "0006_node_history")]
    operations = [
        watch(
            Watch(
                table="provision_node",
                model="provision.node",
                leads="",
                by="id",
                names=("name",),
                unsaid=("public_key", "ports"),
            )
        ),
    ]
