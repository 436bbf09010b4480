"""What visitors see."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nisam.freshness.declare import public
from nisam.freshness.models import Group
from videos.models import Precision, Video

PER_PAGE = 24


@public(Group.VIDEOS, parameters=("page",))
@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """The catalogue, newest first; a page that does not exist shows the nearest one that does."""
    videos = Video.objects.in_catalogue().select_related("channel").newest_first()
    page = Paginator(videos, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "videos/newest.html", {"page": page, "Precision": Precision})
