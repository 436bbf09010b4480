"""A quick look at a channel: its feed tells, in one request, whether its lists need to be read at all."""

from datetime import timedelta

from django.utils import timezone

from channels.follow import list_targets
from channels.models import Channel, ChannelTab
from nisam.jobs.models import Level
from nisam.jobs.run import Run, Step
from nisam.lib.errors import Blocks, OperationError
from scraping import rhythm
from scraping.door import Door
from scraping.report import report
from scraping.selection import selected
from scraping.sources.feed import FeedReply, read_feed
from videos.ingest import ingest

# A feed that failed is left alone for so long; the lists are read instead.
FEED_REST = timedelta(hours=6)


def look(run: Run, channel: Channel, tabs: list[ChannelTab], door: Door) -> None:
    """Ask a channel's feed, for all of its `tabs` that are read. One that shows nothing known leaves a gap.

    Then the lists are read, as further items of the job.

    A feed's error says nothing about the channel; the lists are read instead. Raises ScrapeError for the host's own.
    """
    try:
        reply = read_feed(door, channel.feed_url, etag=channel.feed_etag, modified=channel.feed_modified)
    except OperationError as error:
        if error.blocks == Blocks.HOST:
            raise
        _read_lists_instead(run, channel, tabs, f"The feed cannot be read: {error}", feed_retry_after=FEED_REST)
        return
    if reply.channel_id and reply.channel_id != channel.external_id:
        words = f"The feed is of another channel, {reply.channel_id}."
        _read_lists_instead(run, channel, tabs, words, feed_retry_after=FEED_REST)
        return
    _take_in(run, channel, tabs, reply)


def _read_lists_instead(
    run: Run, channel: Channel, tabs: list[ChannelTab], words: str, *, feed_retry_after: timedelta
) -> None:
    retry_at = timezone.now() + feed_retry_after
    with run.step() as step:
        step.log("log", f"{channel.name}: {words} Its lists are read instead.", Level.WARNING)
        Channel.objects.filter(pk=channel.pk).update(feed_retry_at=retry_at)
        step.targets = list_targets(channel, tabs)


def _take_in(run: Run, channel: Channel, tabs: list[ChannelTab], reply: FeedReply) -> None:
    with run.step() as step:
        overlaps = reply.unchanged or not reply.entries or _ingested(step, channel, reply)
        if not overlaps:
            words = f"{channel.name}: gap detected: nothing in its feed is known, so its lists are read."
            step.log("log", words, Level.WARNING, code="gap")
            ChannelTab.objects.filter(pk__in=[tab.pk for tab in tabs]).update(feed_fell_short=True)
            step.targets = list_targets(channel, tabs)
        else:
            _checked(tabs, learned=bool(step.added))
        run.outcome = "nothing new" if overlaps and not step.added else ""
        channel.was_seen(feed_etag=reply.etag, feed_modified=reply.modified, feed_retry_at=None)


def _ingested(step: Step, channel: Channel, reply: FeedReply) -> bool:
    """Write what a feed shows; whether any of it was known, which proves that nothing came out unseen."""
    wanted = selected(channel, reply.entries)
    result = ingest(channel, wanted, have_details=channel.platform != "feed")
    step.done = len(reply.entries)
    report(step, result)
    # What an operator has filtered out is never known, and a plain feed has no list behind it that could be read.
    return bool(result.known_ids) or not wanted or channel.platform == "feed"


def _checked(tabs: list[ChannelTab], *, learned: bool) -> None:
    now, bounds = timezone.now(), rhythm.Bounds.now()
    for tab in tabs:
        if learned:
            rhythm.learn_from_catalogue(tab)
        tab.next_check_at, tab.last_checked_at = rhythm.next_check(tab, bounds), now
    ChannelTab.objects.bulk_update(tabs, ["last_checked_at", "next_check_at", "newest_at", "publishes_every_minutes"])
