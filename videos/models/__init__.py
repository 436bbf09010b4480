"""The catalogue."""

from videos.models.kinds import KIND_OF_TAB, NOT_OVER, Availability, Kind, LiveStatus, Precision
from videos.models.queryset import VideoQuerySet
from videos.models.reactions import Like, LikesChanged, View
from videos.models.relations import VideoCategory, VideoTag
from videos.models.search import SearchDocument, SearchMark, SearchWord
from videos.models.shown import ON_ITS_PAGE
from videos.models.slugs import FormerSlug
from videos.models.taxonomy import Category, Tag
from videos.models.video import EDITABLE, Video

__all__ = [
    "EDITABLE",
    "KIND_OF_TAB",
    "NOT_OVER",
    "ON_ITS_PAGE",
    "Availability",
    "Category",
    "FormerSlug",
    "Kind",
    "Like",
    "LikesChanged",
    "LiveStatus",
    "Precision",
    "SearchDocument",
    "SearchMark",
    "SearchWord",
    "Tag",
    "Video",
    "VideoCategory",
    "VideoQuerySet",
    "VideoTag",
    "View",
]
