from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """What people did to waiting mail."""

    dependencies = [("activity", "0017_bulk_made"), ("delivery", "0037_queue_actions")]
    operations = [
        watch(
            Watch(
                table="delivery_queueaction",
                model="delivery.queueaction",
                leads="domain",
                by="domain_id",
                names=("title",),
                columns=("node", "did", "title", "done", "proven"),
                made_only=True,
            )
        )
    ]
