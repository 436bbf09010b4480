"""Documents repeat what orders and hides their video, so that a search looks at no video but those of its page."""

import django.db.models.deletion
from django.db import migrations, models

import nisam.lib.constraints

FILL = """
UPDATE videos_searchdocument
SET published_at = video.published_at, is_deleted = video.is_deleted
FROM videos_video video
WHERE video.id = videos_searchdocument.video_id
  AND (video.is_deleted OR video.published_at <> videos_searchdocument.published_at)"""


def fill(apps, schema_editor):
    """Documents say what their videos say."""
    schema_editor.execute(FILL)


def forget_words(apps, schema_editor):
    """SQLite drops a table's triggers with each change of it; this one takes a document's words along (see 0003)."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            "CREATE TRIGGER IF NOT EXISTS videos_searchdocument_gone AFTER DELETE ON videos_searchdocument"
            " BEGIN DELETE FROM videos_searchtext WHERE rowid = old.id; END"
        )


class Migration(migrations.Migration):

    dependencies = [
        ("videos", "0005_relations"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, forget_words),
        migrations.AddField(
            model_name="searchdocument",
            name="is_deleted",
            field=models.BooleanField(default=False, help_text="The video's, so that no video need be looked at."),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="searchdocument",
            name="video",
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name="document", to="videos.video"),
        ),
        migrations.AddConstraint(
            model_name="searchdocument",
            constraint=nisam.lib.constraints.Repeats(foreign_key="video", fields=("published_at", "is_deleted"), name="searchdocument_repeats_video"),
        ),
        migrations.RunPython(forget_words, migrations.RunPython.noop),
    ]
