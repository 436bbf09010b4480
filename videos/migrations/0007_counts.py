"""The index of dates holds all that relations repeat, so that counts of what is tagged read no video."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("videos", "0006_documents"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="video", name="video_by_date"),
        migrations.AddIndex(
            model_name="video",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["published_at", "id", "is_deleted"],
                name="video_by_date",
            ),
        ),
    ]
