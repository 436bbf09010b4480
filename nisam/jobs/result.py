"""What a job comes to, put together from its items: each adds its part in the transaction of a step."""

import uuid
from typing import Any

from nisam.jobs.models import Job


def add_result(job_id: uuid.UUID, part: dict[str, Any]) -> None:
    """Add a part to a job's result. Must run in the transaction of a step, after its fence."""
    job = Job.objects.select_for_update().only("result").get(pk=job_id)
    Job.objects.filter(pk=job_id).update(result=summed(job.result, part))


def summed(old: Any, new: Any) -> Any:
    """Numbers are added up and objects are joined; of anything else the new value stays."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: summed(old[key], value) if key in old else value for key, value in new.items()}}
    are_numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (old, new))
    return old + new if are_numbers else new
