"""Every address of nisam."""

from django.contrib import admin
from django.urls import include, path, re_path

from nisam.lib.api_errors import not_found

admin.site.site_header = admin.site.site_title = "nisam"
admin.site.index_title = "Administration"
admin.site.enable_nav_sidebar = False  # the lists need the room


urlpatterns = [
    path("", include("scraping.urls")),  # has pages below admin/, which would catch them
    path("admin/", admin.site.urls),
    path("", include("nisam.jobs.urls")),
    path("", include("nisam.session.urls")),
    path("", include("channels.urls")),
    path("", include("videos.urls")),
    re_path(r"^(?:api|feeds)(?:/|$)", not_found),
]
