"""Every address of nisam."""

from django.contrib import admin
from django.urls import include, path, re_path

from nisam.lib.api_errors import not_found
from nisam.lib.schema_pages import DocsPage, SchemaPage

admin.site.site_header = admin.site.site_title = "nisam"
admin.site.index_title = "Administration"
admin.site.enable_nav_sidebar = False  # the lists need the room

handler400 = "nisam.lib.error_pages.bad_request"
handler403 = "nisam.lib.error_pages.forbidden"
handler500 = "nisam.lib.error_pages.server_error"

urlpatterns = [
    path("", include("scraping.urls")),  # these three have pages below admin/, which would catch them
    path("", include("nisam.jobs.urls")),
    path("", include("dbadmin.urls")),
    path("admin/", admin.site.urls),
    path("", include("nisam.session.urls")),
    path("", include("nisam.monitoring.urls")),
    path("", include("channels.urls")),
    path("", include("videos.urls")),
    path("api/schema/", SchemaPage.as_view(), name="schema"),
    path("api/docs/", DocsPage.as_view(), name="docs"),
    re_path(r"^(?:api|feeds)(?:/|$)", not_found),
]
