from django.db import migrations

from activity.watching import Watch, rewatch, watch

RECORD = Watch(
    table="dnszone_record", model="dnszone.record", leads="zone", by="zone_id", names=("owner", "type")
)
QUIETER = Watch(
    table="dnszone_record",
    model="dnszone.record",
    leads="zone",
    by="zone_id",
    names=("owner", "type"),
    unless="activity.told",
)
VERSION = Watch(
    table="dnszone_zoneversion",
    model="dnszone.zoneversion",
    leads="zone",
    by="zone_id",
    names=("kinds",),
    columns=("origin", "title", "reason", "records", "kinds", "routing_before", "routing_after"),
    made_only=True,
)


class Migration(migrations.Migration):
    """A set of changed records is told once, as its version. Records that somebody changes past the panel are
    told one by one as before."""

    dependencies = [("activity", "0006_zone_templates"), ("dnszone", "0060_version_summary")]
    operations = [rewatch(RECORD, QUIETER), watch(VERSION)]
