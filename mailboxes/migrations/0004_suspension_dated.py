from django.db import migrations, models

_AWAKE = models.Q(no_sign_in=False, no_receive=False, no_send=False)


class Migration(migrations.Migration):
    """A switch is turned if and only if there is a time at which it was."""

    dependencies = [("mailboxes", "0003_suspension_switches")]

    operations = [
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=models.CheckConstraint(
                condition=(_AWAKE & models.Q(suspended_at__isnull=True))
                | (~_AWAKE & models.Q(suspended_at__isnull=False)),
                name="mailbox_suspension_dated",
            ),
        ),
    ]
