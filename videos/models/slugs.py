"""Addresses that videos had."""

from django.db import models

from videos.models.video import Video


class FormerSlug(models.Model):
    """A slug that a video had: its address leads to the new one."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="former_slugs")
    slug = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.slug
