"""What a running attempt has in hand is counted apart from what is done."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("jobs", "0004_failed_items"),
    ]

    operations = [
        migrations.AddField(
            model_name="jobitem",
            name="ahead",
            # Said by the database too: workers of the version before go on until they are stopped.
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="Those that the running attempt has in hand besides."
            ),
        ),
        migrations.AlterField(
            model_name="jobitem",
            name="done",
            field=models.PositiveIntegerField(default=0, help_text="Entries or files whose step is committed."),
        ),
    ]
