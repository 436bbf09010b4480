"""Plain builders: what a test does not care about gets a default."""

import itertools
from typing import Any

from channels.models import Channel, ChannelAlias, ChannelTab
from nisam.jobs.models import Job
from nisam.jobs.start import Target, start
from videos.ingest import Entry

_numbers = itertools.count(1)


def make_channel(**fields: Any) -> Channel:
    """A resolved YouTube channel."""
    number = next(_numbers)
    defaults = {
        "platform": "youtube",
        "external_id": f"UC{number:022}",
        "name": f"Channel {number}",
        "url": f"https://www.youtube.com/channel/UC{number:022}",
    }
    return Channel.objects.create(**{**defaults, **fields})


def make_tab(channel: Channel | None = None, **fields: Any) -> ChannelTab:
    """The videos tab of a channel."""
    channel = channel or make_channel()
    return ChannelTab.objects.create(channel=channel, **{"kind": "videos", "url": f"{channel.url}/videos", **fields})


def make_recorded_channel(external_id: str, *kinds: str) -> Channel:
    """A resolved channel of the recordings."""
    url = f"https://www.youtube.com/channel/{external_id}"
    channel = make_channel(external_id=external_id, url=url)
    ChannelAlias.objects.create(channel=channel, key=f"youtube:{external_id}")
    for kind in kinds or ("videos",):
        make_tab(channel, kind=kind, url=f"{url}/{kind}")
    return channel


def make_entry(external_id: str = "", **fields: Any) -> Entry:
    """An entry of a list."""
    external_id = external_id or f"video{next(_numbers):06}"
    return Entry(
        external_id,
        **{
            "url": f"https://www.youtube.com/watch?v={external_id}",
            "title": f"Title of {external_id}",
            **fields,
        },
    )


def make_job(*targets: str, type_name: str = "channel_scan") -> Job:
    """A job that waits; nobody is woken."""
    named = [Target(key, f"name of {key}") for key in targets or (f"tab:{next(_numbers)}",)]
    return start(type_name, named, requested_by="test", wake_workers=False).job
