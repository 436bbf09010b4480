"""The main job: one list of a channel is read page by page into the catalogue, one transaction a page."""

from collections.abc import Iterator

from django.utils import timezone

from channels.follow import SCAN
from channels.models import Channel, ChannelTab
from nisam.jobs.models import Level
from nisam.jobs.registry import job_type
from nisam.jobs.run import Run, Step
from nisam.lib.errors import OperationError
from scraping import errors, schedule
from scraping.resolve import resolve
from scraping.sources.source import Page, Source
from scraping.sources.ytdlp import YtdlpSource
from videos.ingest import Ingested, ingest

# So many known videos in a row, and the rest of a list that was once read to its end is known too.
KNOWN_IN_A_ROW = 20


@job_type(SCAN, queue="scrape", noun="channel")
@job_type(schedule.DUE, queue="scrape", noun="channel")
def scan(run: Run) -> None:
    """Work on one item of a scan: a tab is read, a channel that is new is resolved first."""
    if run.item.target.startswith("channel:"):
        resolve(run, source_of_channel)
    else:
        scan_tab(run)


def source_of_channel(_channel: Channel) -> Source:
    """What reads a channel."""
    return YtdlpSource()


def scan_tab(run: Run) -> None:
    """Read one tab, from where an earlier attempt stopped; what comes of it is noted on the tab and the channel."""
    tab = ChannelTab.objects.select_related("channel").filter(pk=run.item.target_id).first()
    if tab is None:
        raise errors.UnsupportedError("The channel was deleted meanwhile.")
    try:
        reached_end = _read(run, tab)
    except OperationError as error:
        _note_failure(run, tab, error)
        if isinstance(error, errors.TabMissingError):
            return
        raise
    with run.step():
        tab.succeeded(next_check_at=schedule.next_check(tab), full=reached_end)
        Channel.objects.filter(pk=tab.channel_id).update(
            last_scraped_at=timezone.now(), error_code="", error_message=""
        )


def _note_failure(run: Run, tab: ChannelTab, error: OperationError) -> None:
    with run.step() as step:
        tab.failed(error.code, str(error), next_check_at=schedule.next_check_after(error))
        if isinstance(error, errors.TabMissingError):
            step.log("log", f"{run.item.target_name}: {error}", Level.WARNING, code=error.code)
            return
        step.log("error", f"{run.item.target_name}: {error}", Level.ERROR, code=error.code)
        Channel.objects.filter(pk=tab.channel_id).update(error_code=error.code, error_message=str(error))


def _read(run: Run, tab: ChannelTab) -> bool:
    """Read pages until the end, the limit or what is known; tells whether the end was reached."""
    limit = run.job.options.get("limit")
    incremental = tab.last_full_at is not None and not run.job.options.get("full")
    if "end" in run.cursor:
        return bool(run.cursor["end"])
    pages = source_of_channel(tab.channel).pages(tab.url, tab.kind, run.cursor.get("next"), run.progress)
    for page in _one_by_one(run, pages):
        entries = page.entries[: limit - run.item.done] if limit else page.entries
        with run.step() as step:
            result = ingest(tab.channel, entries, position=run.item.done)
            row = _known_in_a_row(page, result, run.cursor.get("known", 0))
            full = page.cursor is None
            enough = (
                full or (incremental and row >= KNOWN_IN_A_ROW) or (limit and run.item.done + len(entries) >= limit)
            )
            step.cursor = {"end": full} if enough else {"next": page.cursor, "known": row}
            step.done = len(entries)
            _report(step, page, result)
        if enough:
            return full
    return True


def _one_by_one(run: Run, pages: Iterator[Page]) -> Iterator[Page]:
    """The pages, each waited for in a way that a cancel interrupts."""
    while True:
        with run.waiting():
            page = next(pages, None)
        if page is None:
            return
        yield page


def _known_in_a_row(page: Page, result: Ingested, row: int) -> int:
    for entry in page.entries:
        row = row + 1 if entry.external_id in result.known_ids else 0
    return row


def _report(step: Step, page: Page, result: Ingested) -> None:
    step.found, step.added, step.updated, step.skipped = (
        result.found,
        result.added,
        result.updated,
        result.unchanged,
    )
    for video in result.saved:
        what = "added" if video.inserted else "updated"
        step.log("video_saved", f"{what}: {video.title or video.external_id}", videoId=str(video.id), change=what)
    if page.not_videos:
        step.log("log", f"{page.not_videos} entries are no videos and were left out", notVideos=page.not_videos)
