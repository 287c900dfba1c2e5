from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """Zone templates, as a reseller sees them; of the text only that it changed."""

    dependencies = [("activity", "0005_dnssec"), ("dnszone", "0021_zone_templates")]
    operations = [
        watch(
            Watch(
                table="dnszone_zonetemplate",
                model="dnszone.zonetemplate",
                leads="account",
                by="owner_id",
                names=("name",),
                hushed=("text",),
                unsaid=("owner_id", "revision", "text"),
            )
        )
    ]
