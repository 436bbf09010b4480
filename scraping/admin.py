"""Hosts and replies in the Django admin: how they are, and two ways to help."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from channels.models import ChannelTab
from nisam.jobs.admin import ReadOnly
from scraping.canary import ENOUGH_LISTS
from scraping.models import Coverage, Host


class KnownAdmin(ReadOnly, admin.ModelAdmin[Any]):
    """Rows that only workers write; who may change them may use the actions."""

    class Media:
        css = {"all": ("css/steering.css",)}

    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes by hand."""
        return False

    def has_steer_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may use the actions."""
        return request.user.has_perm(f"scraping.change_{self.opts.model_name}")


@admin.register(Host)
class HostAdmin(KnownAdmin):
    """Who is asked, and who is left alone."""

    list_display = ("name", "state", "failures", "last_error", "details_today")
    search_fields = ("name",)
    actions = ("ask_again",)
    fields = ("name", "state", "failures", "last_error", "details_today", "next_free_at")
    readonly_fields = ("state", "last_error", "details_today")

    @admin.display(ordering="open_until")
    def state(self, host: Host) -> SafeString:
        """Whether it is asked."""
        state = host.state(timezone.now())
        if state == "well":
            return format_html('<span class="health-good">{}</span>', "well")
        if state == "resting":
            words = f"resting until {host.open_until:%Y-%m-%d %H:%M} UTC"
            return format_html('<strong class="health-bad">{}</strong>', words)
        words = "being probed" if state == "probed" else "to be probed by the next request"
        return format_html('<span class="health-wait">{}</span>', words)

    @admin.display(ordering="error_at")
    def last_error(self, host: Host) -> str:
        """What it said, and when."""
        return f"{host.error_at:%Y-%m-%d %H:%M} UTC: {host.error_message}" if host.error_at else "none"

    @admin.display(description="videos' pages read today")
    def details_today(self, host: Host) -> str:
        """Of how many a day."""
        today = host.details_count if host.details_day == timezone.now().date() else 0
        return f"{today} of {settings.DETAILS_PER_DAY}"

    @admin.action(description="Ask again now", permissions=["steer"])
    def ask_again(self, request: HttpRequest, hosts: QuerySet[Host]) -> None:
        """The next request finds out how a host is that was left alone."""
        count = hosts.filter(open_until__isnull=False).update(open_until=timezone.now(), probe_until=None)
        if not count:
            self.message_user(request, "None of them was left alone.")
            return
        self.message_user(request, f"{count} to be asked again: the next request to each finds out how it is.")


@admin.register(Coverage)
class CoverageAdmin(KnownAdmin):
    """How full each platform's replies are: where they suddenly lack something, its layout seems to have changed."""

    list_display = ("source", "field", "usually", "of_late", "state", "lists")
    list_filter = ("source",)
    search_fields = ("source", "field")
    actions = ("accept",)
    fields = ("source", "field", "usually", "of_late", "state", "lists")
    readonly_fields = ("usually", "of_late", "state")

    @admin.display(ordering="usual")
    def usually(self, row: Coverage) -> str:
        """The share of entries that carry the field, over a long time."""
        return f"{row.usual:.0%}"

    @admin.display(ordering="recent")
    def of_late(self, row: Coverage) -> str:
        """The share of entries that carry the field, of late."""
        return f"{row.recent:.0%}"

    @admin.display(ordering="broken_at")
    def state(self, row: Coverage) -> SafeString:
        """Whether the field is there as always."""
        if row.broken_at is None:
            return format_html('<span class="health-good">{}</span>', "as usual")
        words = f"missing since {row.broken_at:%Y-%m-%d %H:%M} UTC"
        return format_html('<strong class="health-bad">{}</strong>: nothing is written', words)

    @admin.action(description="Accept the new layout", permissions=["steer"])
    def accept(self, request: HttpRequest, rows: QuerySet[Coverage]) -> None:
        """Forget what was usual of these rows' sources, and read at once what waited for it."""
        sources = sorted(set(rows.values_list("source", flat=True)))
        Coverage.objects.filter(source__in=sources).delete()
        of_sources = Q()
        for platform, _, kind in (source.rpartition("/") for source in sources):
            of_sources |= Q(channel__platform=platform, kind=kind)
        waited = ChannelTab.objects.filter(of_sources, error_code="layout_changed").update(next_check_at=timezone.now())
        due = "One list that waited for this is due now." if waited == 1 else f"{waited} lists that waited are due now."
        self.message_user(
            request,
            f"The layout of {', '.join(sources)} is accepted as it is: what is usual is learned anew from the next "
            f"{ENOUGH_LISTS} lists, and nothing is compared until then. {due if waited else ''}".rstrip(),
        )
