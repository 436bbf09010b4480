"""What the views of public answers have in common."""

from typing import Any, ClassVar

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from nisam.freshness.declare import Public
from nisam.lib import params


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
