"""Finding the job that an address names."""

from uuid import UUID

from django.http import Http404

from nisam.jobs.models import Job


def find_job(job_id: UUID) -> Job:
    """The job, or 404."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job
