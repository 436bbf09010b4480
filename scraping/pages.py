"""Pages of the scraping app in the admin."""

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from channels.models import Channel
from nisam.jobs.pages import job_context
from scraping.dashboard import overview
from scraping.why import explain


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """What runs now, when what follows, and how the channels and the hosts are."""
    if not request.user.has_perm("jobs.view_job"):
        raise PermissionDenied
    shown = overview(timezone.now())
    context = {
        **admin.site.each_context(request),
        **(job_context(request, shown.job) if shown.job else {}),
        "title": "Automation",
        "shown": shown,
    }
    return TemplateResponse(request, "admin/automation/dashboard.html", context)


@require_safe
def why_channel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """When a channel is looked at next, and why then."""
    if not request.user.has_perm("channels.view_channel"):
        raise PermissionDenied
    channel = get_object_or_404(Channel, pk=pk)
    context = {
        **admin.site.each_context(request),
        "title": "When is the next look?",
        "subtitle": channel.name,
        "opts": Channel._meta,  # noqa: SLF001 - Django's documented Meta API
        "channel": channel,
        "explanation": explain(channel, timezone.now()),
    }
    return TemplateResponse(request, "admin/channels/channel/why.html", context)
