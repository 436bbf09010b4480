"""The indexes of orders hold all that relations repeat: the first of a category in such an order are found in them."""

from django.db import migrations, models

ORDERS = {"video_by_creation": "created_at", "video_by_views": "total_views", "video_by_trend": "trend"}


def index(name, field):
    """As it is now."""
    fields = [field, "id", "published_at", "is_deleted"]
    return models.Index(condition=models.Q(("deleted_at", None)), fields=fields, name=name)


class Migration(migrations.Migration):

    dependencies = [
        ("videos", "0008_search_in_channels"),
    ]

    operations = [
        *(migrations.RemoveIndex(model_name="video", name=name) for name in ORDERS),
        *(migrations.AddIndex(model_name="video", index=index(name, field)) for name, field in ORDERS.items()),
    ]
