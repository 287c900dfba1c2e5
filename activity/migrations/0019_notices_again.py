from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """Notices about undelivered mail that people sent once more."""

    dependencies = [("activity", "0018_queue_actions"), ("delivery", "0040_notices_again")]
    operations = [
        watch(
            Watch(
                table="delivery_noticeagain",
                model="delivery.noticeagain",
                leads="domain",
                by="domain_id",
                names=("told",),
                columns=("told", "address"),
                made_only=True,
            )
        )
    ]
