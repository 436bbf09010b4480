"""Videos, categories and tags as JSON."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from channels.models import Channel
from nisam.lib.rendering import ReadSerializer
from videos.models import Category, LiveStatus, Precision, Tag, Video

PRECISIONS = {precision.value: precision.name.lower() for precision in Precision}


class VideoChannelSerializer(ReadSerializer[Channel]):
    """The channel of a video, in short; reads the video's row."""

    id = serializers.UUIDField(source="channel_id")
    slug = serializers.CharField(source="channel__slug")
    name = serializers.CharField(source="channel__name")
    handle = serializers.CharField(source="channel__handle")
    avatarUrl = serializers.CharField(source="channel__avatar_url")

    class Meta:
        model = Channel
        fields: Any = ("id", "slug", "name", "handle", "avatarUrl")


class VideoSerializer(ReadSerializer[Video]):
    """A video in the API's names; reads rows of `VideoQuerySet.shown`."""

    externalId = serializers.CharField(source="external_id")
    thumbnailUrl = serializers.CharField(source="thumbnail_url")
    liveStatus = serializers.ChoiceField(LiveStatus.choices, source="live_status", allow_blank=True)
    duration = serializers.IntegerField(source="duration_seconds", allow_null=True)
    viewCount = serializers.SerializerMethodField()
    likeCount = serializers.SerializerMethodField()
    publishedAt = serializers.SerializerMethodField()
    publishedPrecision = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    channel = VideoChannelSerializer(source="*")
    categories = serializers.ListField(child=serializers.CharField(), source="category_names")
    tags = serializers.ListField(child=serializers.CharField(), source="tag_names")

    class Meta:
        model = Video
        fields: Any = (
            "id", "slug", "platform", "externalId", "url", "title", "description", "thumbnailUrl", "kind",
            "liveStatus", "availability", "duration", "viewCount", "likeCount", "publishedAt",
            "publishedPrecision", "createdAt", "updatedAt", "channel", "categories", "tags",
        )  # fmt: skip

    def get_viewCount(self, video: Any) -> int | None:  # noqa: N802 - the API's name
        """The platform's and this site's together; null while nobody knows."""
        return video.total_views if video.view_count is not None or video.own_views else None

    def get_likeCount(self, video: Any) -> int | None:  # noqa: N802 - the API's name
        """The platform's and this site's together; null while nobody knows."""
        known = video.like_count is not None or video.own_likes
        return (video.like_count or 0) + video.own_likes if known else None

    def get_publishedAt(self, video: Any) -> datetime | None:  # noqa: N802 - the API's name
        """Null while nobody knows."""
        return None if video.published_precision == Precision.UNKNOWN else video.published_at

    @extend_schema_field(serializers.ChoiceField(tuple(PRECISIONS.values())))
    def get_publishedPrecision(self, video: Any) -> str:  # noqa: N802 - the API's name
        """exact, day, approximate or unknown."""
        return PRECISIONS[video.published_precision]


class ChapterSerializer(serializers.Serializer[Any]):
    """A part of a video."""

    start = serializers.FloatField(help_text="Seconds from its beginning.")
    end = serializers.FloatField(allow_null=True)
    title = serializers.CharField()


class CaptionLanguagesSerializer(serializers.Serializer[Any]):
    """The languages of a video's captions; a sort that nobody has looked for is left out."""

    manual = serializers.ListField(child=serializers.CharField(), required=False)
    automatic = serializers.ListField(child=serializers.CharField(), required=False)


class HighlightSerializer(serializers.Serializer[Any]):
    """What was searched for, marked: HTML with <mark>, everything else escaped."""

    title = serializers.CharField()
    description = serializers.CharField()


class FoundVideoSerializer(VideoSerializer):
    """A video of a list, for the schema: with `highlight` where something is searched for."""

    highlight = HighlightSerializer(required=False)

    class Meta(VideoSerializer.Meta):
        fields = (*VideoSerializer.Meta.fields, "highlight")

    def get_fields(self) -> dict[str, Any]:
        """All are always there, but for this one."""
        return {**super().get_fields(), "highlight": HighlightSerializer(required=False)}


class VideoPageSerializer(VideoSerializer):
    """One video, with what lists leave out."""

    chapters = ChapterSerializer(many=True)
    captionLanguages = CaptionLanguagesSerializer(source="caption_languages")
    unavailableReason = serializers.CharField(source="unavailable_reason")

    class Meta(VideoSerializer.Meta):
        fields = (*VideoSerializer.Meta.fields, "chapters", "captionLanguages", "unavailableReason")


class CarouselsSerializer(serializers.Serializer[Any]):
    """The sections of a front page; those not asked for are left out."""

    hero = VideoSerializer(allow_null=True, required=False)
    recent = VideoSerializer(many=True, required=False)
    trending = VideoSerializer(many=True, required=False)
    byCategory = serializers.DictField(child=VideoSerializer(many=True), required=False)
    popular = VideoSerializer(many=True, required=False)


class CategorySerializer(ReadSerializer[Category]):
    """A category with the number of its videos."""

    id = serializers.UUIDField(source="public_id")
    videoCount = serializers.IntegerField(source="video_count")

    class Meta:
        model = Category
        fields: Any = ("id", "slug", "name", "videoCount")


class TagSerializer(ReadSerializer[Tag]):
    """A tag."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = Tag
        fields: Any = ("id", "name")


class TagStatsSerializer(ReadSerializer[Tag]):
    """A tag with the number of its videos."""

    tagName = serializers.CharField(source="name")
    count = serializers.IntegerField(source="video_count")

    class Meta:
        model = Tag
        fields: Any = ("tagName", "count")
