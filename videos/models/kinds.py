"""What a video can be: its kind, its life as a broadcast, who may watch it, how well its date is known."""

from django.db import models

from channels.models import TabKind


class Kind(models.TextChoices):
    """What sort of video it is."""

    VIDEO = "video"
    SHORT = "short"
    LIVE = "live"


# What a channel's list of each kind shows.
KIND_OF_TAB = {TabKind.VIDEOS: Kind.VIDEO, TabKind.SHORTS: Kind.SHORT, TabKind.STREAMS: Kind.LIVE}


class LiveStatus(models.TextChoices):
    """Where a broadcast is in its life."""

    NOT_LIVE = "not_live"
    UPCOMING = "is_upcoming"
    LIVE = "is_live"
    POST_LIVE = "post_live"
    WAS_LIVE = "was_live"


NOT_OVER = (LiveStatus.UPCOMING, LiveStatus.LIVE, LiveStatus.POST_LIVE)


class Availability(models.TextChoices):
    """Who may watch it, as far as it is known."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    MEMBERS_ONLY = "subscriber_only"
    PREMIUM = "premium_only"
    NEEDS_AUTH = "needs_auth"
    PRIVATE = "private"
    REMOVED = "removed"


class Precision(models.IntegerChoices):
    """How well a date of publication is known. A better one overwrites a worse one, never the reverse."""

    UNKNOWN = 0
    APPROXIMATE = 1
    DAY = 2
    EXACT = 3
