"""From the dictionaries that yt-dlp fills to identities and entries: what is missing, odd or said in other words."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from channels.addresses import Address, parse_address
from channels.follow import Identity, TabAddress, alias_keys
from channels.models import TabKind
from scraping import errors
from scraping.sources.caption_files import caption_files, own_language
from scraping.sources.source import Details, Page
from videos.ingest import Entry
from videos.models import KIND_OF_TAB, Availability, Kind, LiveStatus, Precision

# What playlists show instead of a title that they no longer know.
_STAND_INS = {"[Private video]": Availability.PRIVATE, "[Deleted video]": Availability.REMOVED}
_LIVE_STATUSES, _AVAILABILITIES = frozenset(LiveStatus.values), frozenset(Availability.values)
_NO_VIDEOS = {"YoutubeTab", "YoutubePlaylist"}


def identity_of(info: dict[str, Any], lists: list[dict[str, Any]], address: Address) -> Identity:
    """Who a channel is, from its page's dictionary and those of its lists. Raises ParseError when that is not said."""
    if is_youtube(address.url):
        return _youtube_identity(info, lists, address)
    platform = str(info.get("extractor") or info.get("extractor_key") or "").partition(":")[0].lower()
    external_id = info.get("channel_id") or info.get("uploader_id") or info.get("id")
    if not platform or not external_id:
        raise errors.ParseError("The platform's reply does not say which channel this is.")
    return Identity(
        platform=platform,
        external_id=str(external_id),
        name=str(info.get("channel") or info.get("uploader") or info.get("title") or external_id),
        url=address.url,
        description=info.get("description") or "",
        follower_count=info.get("channel_follower_count"),
        keys=[address.key],
        tabs=[TabAddress(TabKind.VIDEOS, address.url)],
    )


def _youtube_identity(info: dict[str, Any], lists: list[dict[str, Any]], address: Address) -> Identity:
    if "list=" in address.url:
        return Identity(
            "youtube",
            str(info["id"]),
            str(info.get("title") or info["id"]),
            address.url,
            description=info.get("description") or "",
            keys=[address.key],
            tabs=[TabAddress(TabKind.VIDEOS, address.url)],
        )
    channel_id = info.get("channel_id")
    if not channel_id:
        raise errors.ParseError("YouTube's reply does not say which channel this is.")
    url = f"https://www.youtube.com/channel/{channel_id}"
    handle = str(info.get("uploader_id") or "")
    # A channel with one list only is answered with that list itself.
    listed = [str(item.get("webpage_url") or item.get("url") or "") for item in lists] or [str(info.get("webpage_url"))]
    names = [found[1] for item in listed if (found := re.search(r"/(videos|shorts|streams)\b", item))]
    forms = [address, parse_address(url), *([parse_address(handle)] if handle.startswith("@") else [])]
    return Identity(
        platform="youtube",
        external_id=str(channel_id),
        name=str(info.get("channel") or info.get("title") or channel_id),
        url=url,
        handle=handle,
        description=info.get("description") or "",
        avatar_url=_avatar(info.get("thumbnails") or []),
        follower_count=info.get("channel_follower_count"),
        feed_url=f"https://www.youtube.com/feeds/videos.xml?channel_id={channel_id}",
        keys=alias_keys(forms),
        # Where no list is named, each is tried: one that is not there says so.
        tabs=[TabAddress(kind, f"{url}/{kind}") for kind in dict.fromkeys(names or TabKind.values)],
    )


def _avatar(thumbnails: list[dict[str, Any]]) -> str:
    square = [image["url"] for image in thumbnails if image.get("width") and image["width"] == image.get("height")]
    return str(square[-1]) if square else ""


def page_of(
    page: list[dict[str, Any]],
    kind: str,
    cursor: dict[str, Any] | None,
    *,
    approximate: bool,
    identity: Identity | None = None,
) -> Page:
    """A page of a list; `approximate` says that its times are reckoned back from words like "3 days ago"."""
    videos = [item for item in page if item.get("id") and item.get("ie_key") not in _NO_VIDEOS]
    entries = [_entry(item, kind, approximate=approximate) for item in videos]
    return Page(entries, cursor, not_videos=len(page) - len(videos), identity=identity)


def details_of(info: dict[str, Any], url: str) -> Details:
    """A video's own dictionary, as its page at `url` gives it. Raises ParseError when that names no video."""
    if not info.get("id"):
        raise errors.ParseError("The reply does not say which video this is.")
    entry = _entry({**info, "url": url}, TabKind.VIDEOS, approximate=False)
    starts = info.get("release_timestamp")
    return Details(
        replace(entry, kind=_kind(info), published_source="details" if entry.published_at else ""),
        channel_id=str(info.get("channel_id") or ""),
        categories=_texts(info.get("categories")),
        tags=_texts(info.get("tags")),
        chapters=_chapters(info.get("chapters") or [], info.get("duration")),
        captions={
            "manual": sorted(set(info.get("subtitles") or ()) - {"live_chat"}),
            # YouTube translates into everything: what was heard is the language marked as the original.
            "automatic": sorted(name for name in info.get("automatic_captions") or () if name.endswith("-orig")),
        },
        caption_files=caption_files(info),
        language=own_language(info),
        starts_at=datetime.fromtimestamp(starts, UTC) if starts else None,
    )


def _kind(info: dict[str, Any]) -> Kind:
    if info.get("media_type") == "short":
        return Kind.SHORT
    live = info.get("media_type") == "livestream" or info.get("live_status") not in {None, "", "not_live"}
    return Kind.LIVE if live else Kind.VIDEO


def _chapters(chapters: list[dict[str, Any]], duration: Any) -> list[dict[str, Any]]:
    """Each ends where the next begins, where its end is not said."""
    starts = [chapter.get("start_time") or 0 for chapter in chapters]
    ends = [*starts[1:], duration]
    return [
        {"start": start, "end": chapter.get("end_time") or end, "title": str(chapter.get("title") or "")}
        for chapter, start, end in zip(chapters, starts, ends, strict=False)
    ]


def _texts(values: Any) -> list[str]:
    return [str(value).strip() for value in values or () if str(value).strip()]


def _entry(item: dict[str, Any], kind: str, *, approximate: bool) -> Entry:
    published_at, precision = _published(item, approximate=approximate)
    url = str(item.get("url") or item.get("webpage_url") or "")
    status, availability = str(item.get("live_status") or ""), str(item.get("availability") or "")
    stand_in = _STAND_INS.get(str(item.get("title")), "")
    return Entry(
        external_id=str(item["id"]),
        url=url,
        title="" if stand_in else str(item.get("title") or ""),
        description=str(item.get("description") or ""),
        thumbnail_url=_thumbnail(item.get("thumbnails") or []),
        kind=Kind.SHORT if "/shorts/" in url else KIND_OF_TAB[TabKind(kind)],
        live_status=status if status in _LIVE_STATUSES else "",
        availability=stand_in or (availability if availability in _AVAILABILITIES else ""),
        duration_seconds=_whole(item.get("duration")),
        view_count=_whole(item.get("view_count")),
        like_count=_whole(item.get("like_count")),
        published_at=published_at,
        published_precision=precision,
        published_source="list" if published_at else "",
    )


def _published(item: dict[str, Any], *, approximate: bool) -> tuple[datetime | None, Precision]:
    if stamp := item.get("timestamp"):
        return datetime.fromtimestamp(stamp, UTC), Precision.APPROXIMATE if approximate else Precision.EXACT
    if day := item.get("upload_date"):
        return datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC), Precision.DAY
    return None, Precision.UNKNOWN


def _thumbnail(thumbnails: list[dict[str, Any]]) -> str:
    url = str(thumbnails[-1].get("url") or "") if thumbnails else ""
    # YouTube signs the same picture anew at every visit: without the signature the address stays the same.
    return url.partition("?")[0] if "//i.ytimg.com/" in url else url


def _whole(number: Any) -> int | None:
    return int(number) if isinstance(number, int | float) else None


def is_youtube(url: str) -> bool:
    """Whether an address, in the form that channels/addresses.py gives it, is YouTube's."""
    return url.startswith("https://www.youtube.com/")
