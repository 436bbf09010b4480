"""Videos as JSON."""

from typing import Any

from rest_framework import serializers

from channels.models import Channel
from videos.models import Precision, Video


class VideoChannelSerializer(serializers.ModelSerializer[Channel]):
    """The channel of a video, in short."""

    avatarUrl = serializers.CharField(source="avatar_url")

    class Meta:
        model = Channel
        fields: Any = ("id", "slug", "name", "handle", "avatarUrl")


class VideoSerializer(serializers.ModelSerializer[Video]):
    """A video in the API's names."""

    externalId = serializers.CharField(source="external_id")
    thumbnailUrl = serializers.CharField(source="thumbnail_url")
    liveStatus = serializers.CharField(source="live_status")
    duration = serializers.IntegerField(source="duration_seconds")
    viewCount = serializers.IntegerField(source="view_count")
    likeCount = serializers.IntegerField(source="like_count")
    publishedAt = serializers.SerializerMethodField()
    publishedPrecision = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    channel = VideoChannelSerializer()
    categories = serializers.SlugRelatedField("name", many=True, read_only=True)  # type: ignore[var-annotated]
    tags = serializers.SlugRelatedField("name", many=True, read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Video
        fields: Any = (
            "id", "slug", "platform", "externalId", "url", "title", "description", "thumbnailUrl", "kind",
            "liveStatus", "availability", "duration", "viewCount", "likeCount", "publishedAt",
            "publishedPrecision", "createdAt", "updatedAt", "channel", "categories", "tags",
        )  # fmt: skip

    def get_publishedAt(self, video: Video) -> str | None:  # noqa: N802 - the API's name
        """ISO 8601 in UTC; null while nobody knows."""
        if video.published_precision == Precision.UNKNOWN:
            return None
        return video.published_at.isoformat().replace("+00:00", "Z")

    def get_publishedPrecision(self, video: Video) -> str:  # noqa: N802 - the API's name
        """exact, day, approximate or unknown."""
        return Precision(video.published_precision).name.lower()
