"""Jobs in the Django admin: read, cancel, retry."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from nisam.jobs.cancel import request_cancel
from nisam.jobs.models import Job, JobEvent, JobItem
from nisam.jobs.start import retry
from nisam.lib.errors import OperationError

LAST_EVENTS = 200


def job_link(job: Job, words: str) -> SafeString:
    """A link to a job's page in the admin."""
    return format_html('<a href="{}">{}</a>', reverse("admin:jobs_job_change", args=[job.pk]), words)


class ReadOnly:
    """Rows that only jobs write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes by hand."""
        return False


class JobItemInline(ReadOnly, admin.TabularInline[JobItem, Job]):
    """The targets of a job and what came of each."""

    model = JobItem
    fields = ("target_name", "status", "attempt", "found", "added", "updated", "skipped", "requests", "error_message")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobItem]:
        """In the order in which they are worked on."""
        return super().get_queryset(request).order_by("position")


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin[Job]):
    """The history of jobs."""

    list_display = (
        "about", "status", "bar", "found", "added", "updated", "failed_items", "created_at", "took", "requested_by",
        "type",
    )  # fmt: skip
    list_filter = ("status", "type", "created_at")
    search_fields = ("id", "requested_by", "items__target_name")
    date_hierarchy = "created_at"
    actions = ("cancel_jobs", "retry_failed")
    inlines = (JobItemInline,)
    list_per_page = 50
    fields = (
        ("type", "status", "bar"),
        ("requested_by", "attempt", "retry_of"),
        ("created_at", "started_at", "heartbeat_at", "completed_at", "took"),
        ("found", "added", "updated", "skipped"),
        ("requests", "bytes_received", "cost"),
        "error_message",
        "log",
    )
    readonly_fields = ("bar", "took", "cost", "log")

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """Only what has ended may be deleted."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.completed_at is not None)

    def get_actions(self, request: HttpRequest) -> Any:
        """Without the bulk delete, which would not look at what runs."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """With the name of the first target."""
        return Job.objects.with_first_target()

    @admin.display(ordering="first_target")
    def about(self, job: Any) -> str:
        """What it works on."""
        return str(job.headline(job.first_target))

    @admin.display(description="progress")
    def bar(self, job: Job) -> SafeString:
        """Targets that have ended, as a bar and in figures."""
        words = f"{job.processed_items} of {job.total_items}"
        return format_html('<progress max="100" value="{}" aria-label="{}"></progress> {}', job.progress, words, words)

    @admin.display(description="duration")
    def took(self, job: Job) -> str:
        """Seconds from start to end."""
        return f"{job.duration.total_seconds():.1f} s" if job.duration else "–"

    @admin.display(description="requests per new video")
    def cost(self, job: Job) -> str:
        """What a new video cost of other hosts' patience."""
        return f"{job.requests / job.added:.2f}" if job.added else "–"

    @admin.display(description="log (the last lines)")
    def log(self, job: Job) -> SafeString:
        """The end of the job's log."""
        last = JobEvent.objects.filter(job=job).order_by("-sequence")[:LAST_EVENTS]
        lines = [(f"{event.time:%H:%M:%S}", event.level, event.message or event.name) for event in reversed(last)]
        return format_html(
            '<pre class="job-log" tabindex="0">{}</pre>', format_html_join("\n", "{} {} {}", lines) or "Nothing yet."
        )

    @admin.action(description="Cancel the selected jobs")
    def cancel_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Ask each to stop."""
        for job in jobs:
            try:
                request_cancel(job, requested_by=request.user.get_username())
            except OperationError as error:
                self.message_user(request, f"{job}: {error}", messages.WARNING)
            else:
                self.message_user(request, format_html("{} was asked to stop.", job_link(job, str(job))))

    @admin.action(description="Retry what failed in the selected jobs")
    def retry_failed(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """A new job per selected one."""
        for job in jobs:
            try:
                started = retry(job, requested_by=request.user.get_username())
            except OperationError as error:
                self.message_user(request, f"{job}: {error}", messages.WARNING)
            else:
                self.message_user(request, format_html("Retrying as {}.", job_link(started.job, str(started.job))))
