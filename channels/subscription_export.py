"""Taking subscriptions along: every channel as OPML, which other programs read, or as CSV for a spreadsheet."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from django.utils import timezone

from channels.exchange_formats import COLUMNS, FORMULA_STARTS, clean
from channels.models import Channel


@dataclass(frozen=True)
class Format:
    """A format of the export."""

    content_type: str
    write: Callable[[Iterable[Any]], str]


def export(format_name: str) -> str:
    """All channels in a format of FORMATS, by one query. What it returns can be imported again."""
    return FORMATS[format_name].write(Channel.objects.with_video_count().iterator())


def _opml(channels: Iterable[Any]) -> str:
    root = Element("opml", version="2.0")
    head = SubElement(root, "head")
    SubElement(head, "title").text = "Channels of nisam"
    SubElement(head, "dateCreated").text = format_datetime(timezone.now())
    body = SubElement(root, "body")
    for channel in channels:
        SubElement(body, "outline", _outline(channel))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _outline(channel: Channel) -> dict[str, str]:
    name = clean(channel.name)
    about = {"text": name, "title": name, "htmlUrl": channel.url}
    # OPML asks for xmlUrl where the type is rss and for url where it is link.
    if feed := _feed(channel):
        return {"type": "rss", **about, "xmlUrl": feed}
    return {"type": "link", **about, "url": channel.url}


def _feed(channel: Channel) -> str:
    if channel.platform == "youtube" and (channel.external_id or "").startswith("UC"):
        return f"https://www.youtube.com/feeds/videos.xml?channel_id={channel.external_id}"
    return channel.feed_url


def _csv(channels: Iterable[Any]) -> str:
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for channel in channels:
        followed = "yes" if channel.is_active else "no"
        cells = (channel.name, channel.url, channel.platform, channel.external_id or "", channel.handle, followed)
        counts = (channel.interval_minutes or "", channel.video_count)
        writer.writerow([*map(_cell, cells), *counts])
    return written.getvalue()


def _cell(text: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


FORMATS = {"opml": Format("text/x-opml; charset=utf-8", _opml), "csv": Format("text/csv; charset=utf-8", _csv)}
