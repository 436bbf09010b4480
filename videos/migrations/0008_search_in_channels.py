"""Documents have a word of their channel, so that a search in a channel looks at no other; minutes for a million of them.

PostgreSQL also keeps how frequent three thousand words are, not one thousand: it takes all others for equally rare.
"""

from django.db import migrations

# In the order in which they lie, which is that of their dates where all were written at once.
POSTGRESQL = (
    "UPDATE videos_searchdocument SET vector = vector || array_to_tsvector(ARRAY["
    "(SELECT '→' || replace(channel_id::text, '-', '') FROM videos_video WHERE id = video_id)])",
    "ALTER TABLE videos_searchdocument ALTER COLUMN vector SET STATISTICS 300",
)
SQLITE = (
    "UPDATE videos_searchtext SET names = names || ' →' || (SELECT video.channel_id FROM videos_searchdocument document"
    " JOIN videos_video video ON video.id = document.video_id WHERE document.id = videos_searchtext.rowid)",
)


def name_channels(apps, schema_editor):
    """As `channel_word` says it."""
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ("videos", "0007_counts"),
    ]

    operations = [
        # Back again, the word disturbs nobody: it cannot be typed.
        migrations.RunPython(name_channels, migrations.RunPython.noop),
    ]
