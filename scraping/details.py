"""Reading videos' own pages, one request each: exact dates, descriptions, tags, chapters, captions, availability."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from nisam.freshness.models import Group
from nisam.freshness.touch import touch
from nisam.jobs.models import Level
from nisam.jobs.registry import job_type
from nisam.jobs.run import Run
from nisam.lib.errors import Blocks, OperationError
from scraping import errors
from scraping.door import Door
from scraping.keep import Kept, keep
from scraping.report import report
from scraping.sources.choose import source_for
from scraping.sources.source import Details
from videos.details import DETAILS
from videos.ingest import ingest
from videos.models import Availability, Category, LiveStatus, Tag, Video

# A broadcast that runs, or should have begun, is looked at again after so long.
LIVE_AGAIN = timedelta(minutes=30)
LEAST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=90)
_AVAILABILITY: dict[type[OperationError], Availability] = {
    errors.PrivateError: Availability.PRIVATE,
    errors.RemovedError: Availability.REMOVED,
    errors.MembersOnlyError: Availability.MEMBERS_ONLY,
    errors.LoginRequiredError: Availability.NEEDS_AUTH,
    errors.AgeRestrictedError: Availability.NEEDS_AUTH,
}


@job_type(DETAILS, queue="details", noun="video")
def read_details(run: Run) -> None:
    """Work on one video. That it cannot be watched is an answer too, which is kept beside what was known of it."""
    video = Video.objects.in_catalogue().select_related("channel").filter(pk=run.item.target_id).first()
    if video is None:
        raise errors.UnsupportedError("The video was deleted meanwhile.")
    door = Door(run.spend, run.waiting)
    try:
        details = _ask(video, door)
        if details.entry.external_id != video.external_id:
            raise errors.ParseError(f"The page is about another video, {details.entry.external_id}.")
    except OperationError as error:
        _note_failure(run, video, error)
        if error.blocks != Blocks.VIDEO:
            raise
        run.outcome = str(error)
        return
    now = timezone.now()
    # The file first: a version of the content that is changed before it would be remembered with what was before it.
    _write(run, video, details, keep(video, details, door, now), now)


def _ask(video: Video, door: Door) -> Details:
    try:
        return source_for(video.platform, door).details(video.url)
    except errors.ChannelGoneError as error:  # the address asked for is the video's
        raise errors.RemovedError(str(error)) from error


def _note_failure(run: Run, video: Video, error: OperationError) -> None:
    if error.blocks == Blocks.HOST or error.transient:
        return
    is_early = isinstance(error, errors.NotYetLiveError)  # announced: to be looked at until it begins
    wait = error.retry_after if is_early else error.retry_after * 2 ** min(video.details_failures, 10)
    changes = {
        "details_due_at": timezone.now() + min(wait, LONGEST_WAIT),
        "details_failures": F("details_failures") + int(not is_early),
    }
    with run.step() as step:
        step.done = 1
        if error.blocks == Blocks.VIDEO:
            changes |= {"unavailable_code": error.code, "unavailable_reason": str(error), "details_at": timezone.now()}
            if availability := _AVAILABILITY.get(type(error)):
                changes["availability"] = availability
            step.updated = 1
            touch(Group.DATABASES)  # an earlier attempt may have written the file and died: see keep.py
        Video.objects.filter(pk=video.pk).update(updated_at=timezone.now(), **changes)
        step.log("log", f"{video}: {error}", Level.WARNING, code=error.code, videoId=str(video.pk))


def _write(run: Run, video: Video, details: Details, kept: Kept, now: datetime) -> None:
    due = [moment for moment in (_again(details, now), _another_try(video, kept.again, now)) if moment]
    with run.step() as step:
        step.done = 1
        for one in kept.problems:
            step.log("log", f"{video}: {one.message}", Level.WARNING, videoId=str(video.pk))
        if kept.is_news:
            touch(Group.DATABASES)
        report(step, ingest(video.channel, [details.entry], have_details=False))
        told: dict[str, Any] = {"chapters": list(details.chapters)} if details.chapters else {}
        if any(details.captions.values()):
            told["caption_languages"] = {kind: list(names) for kind, names in details.captions.items()}
        Video.objects.filter(pk=video.pk).update(
            **told,
            unavailable_code="",
            unavailable_reason="",
            details_at=now,
            details_due_at=min(due, default=None),
            details_failures=F("details_failures") + 1 if kept.again else 0,
        )
        _sort(video, details)


def _another_try(video: Video, wait: timedelta | None, now: datetime) -> datetime | None:
    """When what could not be kept is worth the page once more: later each time."""
    longer = 2 ** min(video.details_failures, 10)
    return now + min(max(wait, LEAST_WAIT) * longer, LONGEST_WAIT) if wait is not None else None


def _sort(video: Video, details: Details) -> None:
    """Set categories and tags, unless an operator has: then what the platform says is kept beside."""
    # As it is now, not when it was asked.
    fresh = Video.objects.select_for_update(no_key=True).only("upstream").get(pk=video.pk)
    for field, model, names in (("categories", Category, details.categories), ("tags", Tag, details.tags)):
        if not names:
            continue
        if field not in fresh.upstream:
            getattr(video, field).set(model.objects.named(names))
        elif fresh.upstream[field] != sorted(names):
            fresh.upstream[field] = sorted(names)
            fresh.save(update_fields=["upstream"])


def _again(details: Details, now: datetime) -> datetime | None:
    """When a video is worth another look: a broadcast until it is over, anything else not by itself."""
    status = details.entry.live_status
    if status == LiveStatus.UPCOMING and details.starts_at:
        return max(details.starts_at, now) + LIVE_AGAIN / 6
    if status in {LiveStatus.UPCOMING, LiveStatus.LIVE, LiveStatus.POST_LIVE}:
        return now + LIVE_AGAIN
    return None
