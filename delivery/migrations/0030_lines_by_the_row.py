from django.db import migrations

from delivery.migrations._first import EVENT_INDEXES, EVENT_TABLE, NO_TRIGGERS, TRIGGERS


class Migration(migrations.Migration):
    """The tables of before go: a row a line, and messages that were never dropped by the day."""

    dependencies = [("delivery", "0021_sign_ins_by_time")]

    operations = [
        migrations.RunSQL(NO_TRIGGERS, TRIGGERS),
        migrations.DeleteModel(name="Entry"),
        migrations.DeleteModel(name="Recipient"),
        migrations.DeleteModel(name="Message"),
        migrations.DeleteModel(name="Unparsed"),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="Event")],
            database_operations=[
                migrations.RunSQL(
                    "DROP TABLE delivery_event; DROP SEQUENCE delivery_event_id_seq",
                    EVENT_TABLE + EVENT_INDEXES,
                )
            ],
        ),
    ]
