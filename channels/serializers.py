"""Channels as JSON."""

from typing import Any

from rest_framework import serializers

from channels.models import Channel


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """A channel in the API's names."""

    externalId = serializers.CharField(source="external_id", read_only=True)
    avatarUrl = serializers.CharField(source="avatar_url", read_only=True)
    followerCount = serializers.IntegerField(source="follower_count", read_only=True)
    isActive = serializers.BooleanField(source="is_active")
    intervalMinutes = serializers.IntegerField(source="interval_minutes", allow_null=True, min_value=1)
    videoCount = serializers.IntegerField(source="video_count", read_only=True, default=0)
    lastScrapedAt = serializers.DateTimeField(source="last_scraped_at", read_only=True)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = Channel
        read_only_fields: Any = ("id", "slug", "platform", "handle", "url", "description")
        fields: Any = (
            "id", "slug", "platform", "externalId", "name", "handle", "url", "description", "avatarUrl",
            "followerCount", "videoCount", "isActive", "intervalMinutes", "lastScrapedAt", "createdAt",
        )  # fmt: skip
