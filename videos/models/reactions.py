"""What visitors of this site do with videos."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from videos.models.video import Video


class Like(models.Model):
    """That a visitor likes a video; the video's `own_likes` follow in steps, so that no like makes pages stale."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="likes", db_index=False)
    visitor = models.CharField(max_length=40, help_text="Who, as a word: see videos/visitors.py.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        # Also counts a video's likes.
        constraints = [models.UniqueConstraint(fields=["video", "visitor"], name="like_once")]

    def __str__(self) -> str:
        return f"{self.visitor} likes {self.video_id}"


class LikesChanged(models.Model):
    """A video whose likes are to be counted again."""

    video = models.OneToOneField(Video, models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.video_id)


class View(models.Model):
    """That a visitor watched a video: once per visitor and half hour, until it is added to the video's `own_views`."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="+", db_index=False)
    visitor = models.CharField(max_length=40)
    half_hour = models.PositiveIntegerField(help_text="Half hours since 1970.")
    is_counted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["video", "visitor", "half_hour"], name="view_once")]
        indexes = [
            # What is to be added to the videos.
            models.Index(fields=["video"], condition=Q(is_counted=False), name="view_to_count"),
            # What can be forgotten.
            models.Index(fields=["half_hour"], name="view_by_half_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.visitor} watched {self.video_id}"
