"""The filters of lists of channels."""

from django_filters import rest_framework as filters

from channels.models import Channel


class ChannelFilter(filters.FilterSet):
    """Every filter of GET /api/channels."""

    platform = filters.CharFilter(max_length=40, help_text="a platform's name of at most 40 characters")
    search = filters.CharFilter(
        field_name="name", lookup_expr="icontains", max_length=200, help_text="text of at most 200 characters"
    )

    class Meta:
        model = Channel
        fields: tuple[str, ...] = ()
