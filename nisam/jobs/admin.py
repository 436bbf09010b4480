"""The history of jobs in the Django admin: look through, cancel, retry. A job itself has its own page (pages.py)."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from nisam.jobs.cancel import request_cancel
from nisam.jobs.models import Job, Status
from nisam.jobs.start import retry
from nisam.lib.durations import duration_words
from nisam.lib.errors import OperationError


def job_link(job: Job, words: str) -> SafeString:
    """A link to a job's page in the admin, where it can be watched."""
    return format_html('<a href="{}">{}</a>', reverse("automation_job", args=[job.pk]), words)


class ReadOnly:
    """Rows that only jobs write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes by hand."""
        return False


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin[Job]):
    """The history of jobs."""

    list_display = ("about", "state", "bar", "outcome", "when", "took")
    list_display_links = None
    list_filter = ("status", "type", "created_at")
    search_fields = ("id", "requested_by", "items__target_name")
    search_help_text = "A part of a channel's or a list's name, of who asked, or of a job's id."
    date_hierarchy = "created_at"
    actions = ("cancel_jobs", "retry_failed")
    list_per_page = 50

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

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The history is looked through rather than selected from."""
        return super().changelist_view(request, {"title": "Jobs", **(extra_context or {})})

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """There is one page of a job; it answers whoever asks for this one."""
        job = self.get_object(request, object_id)
        if job is None:
            return super().change_view(request, object_id, *args, **kwargs)
        return redirect("automation_job", job_id=job.pk)

    @admin.display(ordering="first_target")
    def about(self, job: Any) -> SafeString:
        """What it works on, the way to its page; its type, and who asked for it."""
        link = job_link(job, job.headline(job.first_target))
        return format_html('{}<br><span class="health-wait">{} for {}</span>', link, job.type, job.requested_by)

    @admin.display(description="status", ordering="status")
    def state(self, job: Job) -> SafeString:
        """Its status as a word on a colour."""
        return format_html('<span class="chip" data-status="{0}">{0}</span>', job.status)

    @admin.display(description="progress")
    def bar(self, job: Job) -> SafeString:
        """Targets that have ended, as a bar and in figures."""
        words = f"{job.processed_items} of {job.total_items}"
        return format_html('<progress max="100" value="{}" aria-label="{}"></progress> {}', job.progress, words, words)

    @admin.display(description="outcome")
    def outcome(self, job: Job) -> SafeString:
        """What came of it: videos, failed targets, and why it failed."""
        failed = [f"{job.failed_items} failed"] if job.failed_items and job.status != Status.FAILED else []
        wrong = ": ".join(filter(None, [*failed, job.error_message]))
        return format_html(
            '{} found, {} added, {} updated <span class="health-bad">{}</span>',
            job.found,
            job.added,
            job.updated,
            wrong,
        )

    @admin.display(description="when (UTC)", ordering="created_at")
    def when(self, job: Job) -> SafeString:
        """When it was asked for."""
        return format_html("<time>{}</time>", f"{job.created_at:%Y-%m-%d %H:%M}")

    @admin.display(description="duration")
    def took(self, job: Job) -> str:
        """From start to end, or until now."""
        return duration_words(job.duration)

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
