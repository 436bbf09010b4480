"""The filters of the history of jobs, and of a job's items."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from nisam.jobs.models import Job, JobItem, JobQuerySet, Status
from nisam.lib.filters import MOMENT, MomentFilter

_STATUS = f"one of {', '.join(Status.values)}"


class JobFilter(filters.FilterSet):
    """Every filter of GET /api/automation/jobs."""

    status = filters.ChoiceFilter(choices=Status.choices, help_text=_STATUS)
    type = filters.CharFilter(max_length=40, help_text="a type of jobs, of at most 40 characters")
    search = filters.CharFilter(
        method="about", max_length=200, help_text="a part of a target's name or of who asked, of at most 200 characters"
    )
    dateFrom = MomentFilter(field_name="created_at", lookup_expr="gte", help_text=MOMENT)
    dateTo = MomentFilter(field_name="created_at", lookup_expr="lt", help_text=MOMENT)

    class Meta:
        model = Job
        fields: tuple[str, ...] = ()

    def about(self, jobs: JobQuerySet, _name: str, value: str) -> QuerySet[Job]:
        """Jobs that have to do with what is called so."""
        return jobs.about(value)


class JobItemFilter(filters.FilterSet):
    """The filter of GET /api/automation/jobs/{id}/items."""

    status = filters.ChoiceFilter(choices=Status.choices, help_text=_STATUS)

    class Meta:
        model = JobItem
        fields: tuple[str, ...] = ()
