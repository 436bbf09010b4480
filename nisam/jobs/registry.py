"""The types of jobs: apps above declare theirs here, so that anybody may start one by its name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nisam.lib.errors import OperationError

if TYPE_CHECKING:
    from nisam.jobs.models import Job
    from nisam.jobs.run import Run

Handler = Callable[["Run"], None]
Progress = Callable[["Job"], dict[str, Any]]
Ended = Callable[["Job"], None]


class UnknownJobTypeError(OperationError):
    """A job names a type that no installed app declares."""

    code = "unknown_job_type"
    permanent = True


@dataclass(frozen=True)
class JobType:
    """How items of one type of job are worked on. `noun` names their events: channel → channel_start, channel_done.

    `progress` says how far a job is where items are not what people count. `ended` is called after the commit that ends
    a job; a process that is killed in between never calls it.
    """

    name: str
    queue: str
    noun: str
    handler: Handler
    progress: Progress | None = None
    ended: Ended | None = None


_types: dict[str, JobType] = {}


def job_type(
    name: str, *, queue: str, noun: str, progress: Progress | None = None, ended: Ended | None = None
) -> Callable[[Handler], Handler]:
    """Declare the decorated function as what works on one item of jobs of type `name`."""

    def declare(handler: Handler) -> Handler:
        _types[name] = JobType(name, queue, noun, handler, progress, ended)
        return handler

    return declare


def get_job_type(name: str) -> JobType:
    """The declared type; raises UnknownJobTypeError."""
    if name not in _types:
        raise UnknownJobTypeError(f"No job type is called {name!r}; there are {', '.join(sorted(_types))}.")
    return _types[name]


def progress_of(job: "Job") -> int | dict[str, Any]:
    """Percent of the items, or what the type counts; also of a type that nobody declares any more."""
    declared = _types.get(job.type)
    return declared.progress(job) if declared and declared.progress else job.progress


def tell_ended(job: "Job") -> None:
    """Let the type of a job that has ended settle what it keeps of it; also of a type that nobody declares any more."""
    declared = _types.get(job.type)
    if declared and declared.ended:
        declared.ended(job)


def event_names() -> list[str]:
    """What the events of a job's stream may be called, of whatever type it is: a browser listens to each by name."""
    nouns = sorted({declared.noun for declared in _types.values()})
    of_items = [f"{noun}_{what}" for noun in nouns for what in ("start", "done")]
    return ["job_snapshot", *of_items, "video_saved", "log", "error", "job_done"]
