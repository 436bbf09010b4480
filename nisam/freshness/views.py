"""What the views of public answers have in common."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from nisam.freshness.declare import Public
from nisam.lib import params
from nisam.lib.api_errors import BadParameterError
from nisam.lib.keyset import Order
from nisam.lib.pagination import KeysetPagination


class Filters(filters.DjangoFilterBackend):
    """Filters by query parameters; one that cannot be used is a 400 that says what it takes, never a silent default."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> Any:
        """Raises BadParameterError with the help text of the first filter that refuses its value."""
        filters_of = self.get_filterset_class(view, queryset)
        if filters_of is None or request.query_params.keys().isdisjoint(filters_of.base_filters):
            return queryset  # making a form for nothing costs as much as a query
        filterset = filters_of(request.query_params, queryset, request=request)
        if not filterset.is_valid():
            name = next(iter(filterset.errors))
            raise BadParameterError(name, str(filterset.filters[name].extra["help_text"]))
        return filterset.qs


class PublicView(APIView):
    """A view that answers everybody alike, knows nobody, and refuses query parameters that it does not know."""

    public: ClassVar[Public]
    authentication_classes = ()
    permission_classes = (AllowAny,)
    http_method_names = ("get", "head", "options")

    def perform_content_negotiation(self, request: Request, force: bool = True) -> Any:  # noqa: ARG002 - DRF's signature
        """JSON, whatever a client says that it accepts: a stored answer could not ask it either."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the method."""
        super().initial(request, *args, **kwargs)
        params.refuse_unknown(request, self.public.parameters)


class Listing(ListAPIView[Any]):
    """A list with filters, pages and one of several orders; the first of `orders` is the default."""

    pagination_class = KeysetPagination
    filter_backends = (Filters,)
    orders: tuple[Order, ...]

    def order(self, request: Request) -> Order:
        """The order that is asked for."""
        names = {order.name: order for order in self.orders}
        return names[params.one_of(request, "sort", tuple(names), self.orders[0].name)]
