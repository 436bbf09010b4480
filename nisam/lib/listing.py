"""Lists over REST: filters, pages, and one of several orders."""

from typing import Any

from rest_framework.generics import ListAPIView
from rest_framework.request import Request

from nisam.lib import params
from nisam.lib.filters import Filters
from nisam.lib.keyset import Order
from nisam.lib.pagination import KeysetPagination


class Listing(ListAPIView[Any]):
    """A list with filters, pages and one of several orders; the first of `orders` is the default."""

    pagination_class = KeysetPagination
    filter_backends = (Filters,)
    orders: tuple[Order, ...]

    def order(self, request: Request) -> Order:
        """The order that is asked for."""
        names = {order.name: order for order in self.orders}
        return names[params.one_of(request, "sort", tuple(names), self.orders[0].name)]
