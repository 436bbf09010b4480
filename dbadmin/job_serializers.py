"""Jobs as JSON, for the administration of databases."""

from typing import Any

from rest_framework import serializers

from dbadmin.progress import DATABASE_JOBS, progress_of
from nisam.jobs.models import Job
from nisam.jobs.serializers import JobSerializer


class AdminJobSerializer(JobSerializer):
    """A job of any type; of one over databases `progress` is {total, processed, current, repaired, failed}."""

    progress = serializers.SerializerMethodField()

    def get_progress(self, job: Job) -> Any:
        """Percent, or of databases the counts."""
        return progress_of(job) if job.type in DATABASE_JOBS else job.progress
