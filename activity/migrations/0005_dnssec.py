from django.db import migrations

from activity.watching import Watch, watch


class Migration(migrations.Migration):
    """DNSSEC switched on and off, and keys exchanged."""

    dependencies = [("activity", "0004_acting"), ("dnszone", "0022_dnssec")]
    operations = [
        watch(Watch(table="dnszone_zonesigning", model="dnszone.zonesigning", leads="zone", by="zone_id"))
    ]
