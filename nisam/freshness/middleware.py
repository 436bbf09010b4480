"""Who may keep an answer: everybody, asking each time whether it is still true, or nobody."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from nisam.freshness.declare import declared

OK = 200


def private_by_default(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say `private, no-store` of every answer that does not say anything else and is not declared public."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_public = response.status_code == OK and request.method in {"GET", "HEAD"} and declared(request.path_info)
        response.headers.setdefault("Cache-Control", "public, no-cache" if is_public else "private, no-store")
        return response

    return middleware
