from typing import Any

from django.db import migrations

from delivery.migrations._carry import carry


def forwards(_apps: Any, _editor: Any) -> None:
    carry()


class Migration(migrations.Migration):
    """What was known of mails before 0030 is in the new tables. Back again it is not brought: there they begin empty."""

    atomic = False
    dependencies = [("delivery", "0040_notices_again"), ("accounts", "0001_initial")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
