"""/api/schema/ and /api/docs/: the API's description for programs and for people. Anybody may read both."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from nisam.lib import params
from nisam.lib.rendering import OrjsonRenderer


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI document, made once: it changes with the code alone."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-any-return,no-untyped-call]


class OpenApiJSON(OrjsonRenderer):
    """The schema under its own media type."""

    media_type = "application/vnd.oai.openapi+json"


class OpenApiYAML(OpenApiYamlRenderer):
    """The same as YAML."""

    media_type = "application/vnd.oai.openapi"


class YAML(OpenApiYamlRenderer):
    """The same under the usual name."""

    media_type = "application/yaml"


class ByParameterOrAccept(DefaultContentNegotiation):
    """Lets the parameter `format` choose the renderer; without it the header Accept does."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The renderer and its media type. Raises BadParameterError."""
        wanted = params.one_of(request, "format", ("json", "yaml")) or format_suffix
        return super().select_renderer(request, renderers, wanted)  # type: ignore[no-any-return]


class SchemaPage(APIView):
    """GET /api/schema/."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (OrjsonRenderer, OpenApiJSON, YAML, OpenApiYAML)
    content_negotiation_class = ByParameterOrAccept

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """JSON, or YAML when that is asked for."""
        params.refuse_unknown(request, ("format",))
        return Response(schema())


class DocsPage(SpectacularSwaggerView):
    """GET /api/docs/."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = [TemplateHTMLRenderer]
    template_name = "api_docs.html"
    url_name = "schema"

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Swagger UI, whose files are this site's own."""
        params.refuse_unknown(request, ())
        return super().get(request)  # type: ignore[no-any-return,no-untyped-call]

    def handle_exception(self, exc: Exception) -> Response:
        """An error in the API's form, not as a page."""
        self.request.accepted_renderer, self.request.accepted_media_type = OrjsonRenderer(), "application/json"
        return super().handle_exception(exc)
