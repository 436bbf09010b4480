"""What lists of videos can be ordered by; every order but relevance has an index of its own."""

from django.db.models import BigIntegerField, FloatField

from nisam.lib.keyset import Order

NEWEST = Order("publishDate", "published_at", descending=True)
OLDEST = Order("oldest", "published_at")
ADDED = Order("createdAt", "created_at", descending=True)
VIEWS = Order("views", "total_views", descending=True, holds=BigIntegerField())
# Views gained lately: see videos/trend.py.
TRENDING = Order("popularity", "trend", descending=True)
RELEVANCE = Order("relevance", "rank", descending=True, holds=FloatField())
