"""What search engines read: robots.txt and the sitemap (sitemaps.org), which names what a visitor can open.

Neither shows any content: they change with the program only.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from nisam.freshness.declare import public

# The names of the pages. Pages of which there are very many need an index of sitemaps, each a range of ids.
PAGES = ("newest",)


@public(by_host=True)
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """GET /sitemap.xml."""
    pages = [request.build_absolute_uri(reverse(name)) for name in PAGES]
    return render(request, "sitemap.xml", {"pages": pages}, content_type="application/xml")


@public(by_host=True)
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """GET /robots.txt (RFC 9309)."""
    lines = (
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /api/",
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
