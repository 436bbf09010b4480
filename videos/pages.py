"""What visitors see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from nisam.freshness.declare import public
from nisam.freshness.models import Group
from nisam.lib.keyset import Place, cut
from nisam.lib.pagination import LONGEST_CURSOR
from videos.models import Precision, Video
from videos.orders import NEWEST

PER_PAGE = 24


@public(Group.VIDEOS, parameters=("at",))
@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """The catalogue, newest first; `at` is a cursor, and one that cannot be used leads to the first page."""
    videos = Video.objects.in_catalogue().select_related("channel")
    at = request.GET.get("at", "")[:LONGEST_CURSOR]
    try:
        page = cut(videos, NEWEST, limit=PER_PAGE, place=Place.decode(at) if at else None)
    except ValueError:
        return redirect("newest")
    return render(request, "videos/newest.html", {"page": page, "at": at, "Precision": Precision})
