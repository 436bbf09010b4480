"""The main job: channels are resolved, looked at, and their lists read, each as an item of its own."""

from channels.follow import SCAN
from channels.models import Channel, ChannelTab
from nisam.jobs.registry import job_type
from nisam.jobs.run import Run
from scraping import errors, schedule
from scraping.begin import FULL
from scraping.door import Door
from scraping.listing import read_tab
from scraping.look import look
from scraping.resolve import resolve
from scraping.sources.choose import source_for


@job_type(SCAN, queue="scrape", noun="channel")
@job_type(FULL, queue="scrape", noun="channel")
@job_type(schedule.DUE, queue="scrape", noun="channel")
def scan(run: Run) -> None:
    """Work on one item of a scan: a list is read, a channel is looked at, or resolved first when it is new."""
    door = Door(run.spend, run.waiting)
    if run.item.target.startswith("tab:"):
        tab = ChannelTab.objects.select_related("channel").filter(pk=run.item.target_id).first()
        if tab is None:
            raise _deleted()
        read_tab(run, tab, source_for(tab.channel.platform, door))
        return
    tabs = list(ChannelTab.objects.filter(channel_id=run.item.target_id).select_related("channel").order_by("kind"))
    channel = tabs[0].channel if tabs else Channel.objects.filter(pk=run.item.target_id).first()
    if channel is None:
        raise _deleted()
    if channel.is_resolved:
        look(run, channel, [tab for tab in tabs if tab.is_read], door)
    else:
        resolve(run, channel, door)


def _deleted() -> errors.UnsupportedError:
    return errors.UnsupportedError("The channel was deleted meanwhile.")
