"""Categories and tags."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.freshness.declare import public
from nisam.freshness.models import Group
from nisam.freshness.views import PublicView
from nisam.lib.keyset import Order
from nisam.lib.listing import Listing
from nisam.lib.pagination import PARAMETERS
from videos.filters import TagFilter
from videos.models import Category, Tag
from videos.serializers import CategorySerializer, TagSerializer, TagStatsSerializer

BY_NAME = Order("name", "name")
BY_COUNT = Order("count", "video_count", descending=True)


@public(Group.TAXONOMY, parameters=PARAMETERS)
class CategoryList(PublicView, Listing):
    """GET /api/categories: all categories, with the numbers of their videos."""

    serializer_class = CategorySerializer
    orders = (BY_NAME,)

    def get_queryset(self) -> QuerySet[Category]:
        """All of them."""
        return Category.objects.with_video_count()


@public(Group.TAXONOMY)
class CategoryDetail(PublicView):
    """GET /api/categories/{slug}."""

    serializer_class = CategorySerializer

    def get(self, request: Request, slug: str) -> Response:
        """One category."""
        category = Category.objects.with_video_count().filter(slug=slug).first()
        if category is None:
            raise Http404
        return Response(CategorySerializer(category).data)


@public(Group.TAXONOMY, parameters=(*TagFilter.base_filters, *PARAMETERS))
class TagList(PublicView, Listing):
    """GET /api/tags: all tags, by name."""

    serializer_class: Any = TagSerializer
    filterset_class = TagFilter
    orders = (BY_NAME,)

    def get_queryset(self) -> QuerySet[Tag]:
        """All of them."""
        return Tag.objects.all()


@public(Group.TAXONOMY, parameters=(*TagFilter.base_filters, *PARAMETERS))
class TagStats(TagList):
    """GET /api/tags/stats: the tags with most videos first."""

    serializer_class = TagStatsSerializer
    orders = (BY_COUNT,)

    def get_queryset(self) -> QuerySet[Tag]:
        """With the numbers of their videos."""
        return Tag.objects.with_video_count()
