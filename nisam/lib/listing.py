"""Lists over REST: filters, pages, and one of several orders."""

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.lib import params
from nisam.lib.filters import Filters
from nisam.lib.keyset import Order
from nisam.lib.pagination import KeysetPagination


class Listing(ListAPIView[Any]):
    """A list with filters, pages and one of several orders; the first of `orders` is the default."""

    pagination_class = KeysetPagination
    filter_backends = (Filters,)
    queryset: Any = None
    orders: tuple[Order, ...]

    def get_queryset(self) -> QuerySet[Any]:
        """The view's own `queryset`, not a copy: that it is the same again tells `cut` so. Nobody evaluates it."""
        return cast("QuerySet[Any]", self.queryset)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002 - its signature
        """A page: one serializer shows all rows, where Django REST framework makes three."""
        show = self.get_serializer().to_representation
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([show(row) for row in page or ()])

    def order(self, request: Request) -> Order:
        """The order that is asked for."""
        names = {order.name: order for order in self.orders}
        return names[params.one_of(request, "sort", tuple(names), self.orders[0].name)]
