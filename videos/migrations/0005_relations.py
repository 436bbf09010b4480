"""Rows of relations repeat what orders and hides their video; a few minutes for a million videos."""

import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models

import nisam.lib.constraints

RELATIONS = {"videos_video_tags": ("videos_videotag", "tag_id"), "videos_video_categories": ("videos_videocategory", "category_id")}


def fill(apps, schema_editor):
    """Take the pairs over."""
    for old, (new, other) in RELATIONS.items():
        schema_editor.execute(
            f"INSERT INTO {new} (video_id, {other}, published_at, is_deleted)"
            f" SELECT pair.video_id, pair.{other}, video.published_at, video.is_deleted"
            f" FROM {old} pair JOIN videos_video video ON video.id = pair.video_id ORDER BY pair.id"
        )
    _check_now(schema_editor)


def give_back(apps, schema_editor):
    """Give the pairs back."""
    for old, (new, other) in RELATIONS.items():
        schema_editor.execute(f"INSERT INTO {old} (video_id, {other}) SELECT video_id, {other} FROM {new} ORDER BY id")
    _check_now(schema_editor)


def _check_now(schema_editor):
    """PostgreSQL changes no table of which rows wait to be checked."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def relation(name, other):
    """The model of a relation."""
    label = f"video{other}"
    to_other = models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=f"videos.{other}"
    )
    to_video = models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=f"{other}_rows",
        to="videos.video",
    )
    repeats = nisam.lib.constraints.Repeats(
        foreign_key="video", fields=("published_at", "is_deleted"), name=f"{label}_repeats_video"
    )
    return migrations.CreateModel(
        name=name,
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("published_at", models.DateTimeField(editable=False, help_text="The video's.")),
            ("is_deleted", models.BooleanField(editable=False, help_text="The video's.")),
            (other, to_other),
            ("video", to_video),
        ],
        options={
            "abstract": False,
            "base_manager_name": "objects",
            "indexes": [models.Index(fields=[other, "published_at", "video", "is_deleted"], name=f"{label}_by_date")],
            "constraints": [models.UniqueConstraint(fields=("video", other), name=f"{label}_once"), repeats],
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ("videos", "0004_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="video",
            name="is_deleted",
            field=models.GeneratedField(db_persist=True, expression=django.db.models.lookups.IsNull(models.F("deleted_at"), False), output_field=models.BooleanField()),
        ),
        migrations.AddConstraint(
            model_name="video",
            constraint=models.UniqueConstraint(fields=("id", "published_at", "is_deleted"), name="video_repeated"),
        ),
        relation("VideoTag", "tag"),
        relation("VideoCategory", "category"),
        migrations.RunPython(fill, give_back),
        migrations.RemoveField(model_name="video", name="tags"),
        migrations.RemoveField(model_name="video", name="categories"),
        migrations.AddField(
            model_name="video",
            name="categories",
            field=models.ManyToManyField(blank=True, related_name="videos", through="videos.VideoCategory", to="videos.category"),
        ),
        migrations.AddField(
            model_name="video",
            name="tags",
            field=models.ManyToManyField(blank=True, related_name="videos", through="videos.VideoTag", to="videos.tag"),
        ),
    ]
