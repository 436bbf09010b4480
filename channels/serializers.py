"""Channels as JSON."""

from typing import Any

from rest_framework import serializers

from channels.models import Channel
from nisam.lib.bodies import Body
from nisam.lib.fields import Text, Truth, Whole

MOST_MINUTES = 2**31 - 1


class ChannelSerializer(Body, serializers.ModelSerializer[Channel]):
    """A channel in the API's names."""

    externalId = serializers.CharField(source="external_id", read_only=True, allow_null=True)
    name = Text(max_length=300)
    avatarUrl = serializers.CharField(source="avatar_url", read_only=True)
    followerCount = serializers.IntegerField(source="follower_count", read_only=True, allow_null=True)
    isActive = Truth(source="is_active")
    intervalMinutes = Whole(source="interval_minutes", allow_null=True, min_value=1, max_value=MOST_MINUTES)
    videoCount = serializers.IntegerField(source="video_count", read_only=True, default=0)
    lastScrapedAt = serializers.DateTimeField(source="last_scraped_at", read_only=True, allow_null=True)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = Channel
        read_only_fields: Any = ("id", "slug", "platform", "handle", "url", "description")
        fields: Any = (
            "id", "slug", "platform", "externalId", "name", "handle", "url", "description", "avatarUrl",
            "followerCount", "videoCount", "isActive", "intervalMinutes", "lastScrapedAt", "createdAt",
        )  # fmt: skip


class FollowedSerializer(ChannelSerializer):
    """A channel that is followed from now on, with the job that finds out who it is."""

    jobId = serializers.UUIDField(read_only=True)

    class Meta(ChannelSerializer.Meta):
        fields = (*ChannelSerializer.Meta.fields, "jobId")


class FollowSerializer(Body):
    """The body of POST /api/channels."""

    url = Text(max_length=500)
    name = Text(max_length=300, required=False, default="", allow_blank=True)


class ScrapeSerializer(Body):
    """The body of POST /api/channels/{id}/scrape."""

    full = Truth(required=False, default=False)
