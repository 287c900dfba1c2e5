from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """Guides that people shared, and what they asked support."""

    dependencies = [("activity", "0019_notices_again"), ("guides", "0005_support_requests")]
    operations = [
        watch(
            Watch(
                table="guides_sharelink",
                model="guides.sharelink",
                leads="mailbox",
                by="mailbox_id",
                columns=("made_by", "sent_to", "expires_at", "ended_at"),
                unsaid=("made_by",),
            )
        ),
        watch(
            Watch(
                table="guides_supportrequest",
                model="guides.supportrequest",
                leads="domain",
                by="domain_id",
                names=("reference",),
                columns=("reference", "to"),
                made_only=True,
            )
        ),
    ]
