"""Documents say whose they are, so that a search in a channel looks at no video; some minutes for a million of them.

PostgreSQL also keeps how frequent three thousand words are, not one thousand: it takes all others for equally rare.
"""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE videos_searchdocument SET channel_id = video.channel_id
FROM videos_video video WHERE video.id = videos_searchdocument.video_id"""
FREQUENCIES = "ALTER TABLE videos_searchdocument ALTER COLUMN vector SET STATISTICS {}"


def fill(apps, schema_editor):
    """Documents say what their videos say."""
    schema_editor.execute(FILL)
    if schema_editor.connection.vendor == "postgresql":  # it changes no table of which rows wait to be checked
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def more_frequencies(apps, schema_editor):
    """They are counted when the table is analysed."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FREQUENCIES.format(300))


def fewer_frequencies(apps, schema_editor):
    """As many as of any column."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FREQUENCIES.format(-1))


def forget_words(apps, schema_editor):
    """SQLite drops a table's triggers with each change of it; this one takes a document's words along (see 0003)."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            "CREATE TRIGGER IF NOT EXISTS videos_searchdocument_gone AFTER DELETE ON videos_searchdocument"
            " BEGIN DELETE FROM videos_searchtext WHERE rowid = old.id; END"
        )


def channel(**options):
    """The new column."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        help_text="The video's.",
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="channels.channel",
        **options,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("videos", "0007_counts"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, forget_words),
        migrations.AddField(model_name="searchdocument", name="channel", field=channel(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(model_name="searchdocument", name="channel", field=channel()),
        migrations.AddIndex(
            model_name="searchdocument",
            index=models.Index(fields=["channel", "published_at", "video"], name="searchdocument_by_channel"),
        ),
        migrations.RunPython(more_frequencies, fewer_frequencies),
        migrations.RunPython(forget_words, migrations.RunPython.noop),
    ]
