"""Reading PeerTube through its public REST API (https://docs.joinpeertube.org/api-rest-reference.html)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from channels.addresses import Actor, Address, parse_address, peertube_actor
from channels.follow import Identity, TabAddress, alias_keys
from channels.models import TabKind
from scraping import errors
from scraping.door import Door
from scraping.sources.caption_files import one_of_each
from scraping.sources.source import CaptionFile, Details, InHand, Page
from scraping.sources.values import count, text, web_address
from videos.ingest import Entry
from videos.models import Availability, Kind, LiveStatus, Precision

# The most that the API gives at once.
PER_PAGE = 100
_OBJECTS = {"c": "video-channels", "a": "accounts"}
_WORDS = {"c": "channel", "a": "account", "@": "channel or account"}
_VIDEO = re.compile(r"/(?:w|videos/watch|videos/embed)/([\w-]+)/?")
_NAME = re.compile(r"[\w.:-]{1,100}")
_HOST = re.compile(r"[\w.-]{1,90}(:\d+)?")
_PRIVACIES = {
    1: Availability.PUBLIC,
    2: Availability.UNLISTED,
    3: Availability.PRIVATE,
    4: Availability.NEEDS_AUTH,  # for users of the instance
    5: Availability.NEEDS_AUTH,  # behind a password
}
_WAITING, _ENDED = 4, 5


@dataclass
class PeerTubeSource:
    """Reads the channels and accounts of any instance, also those of other instances that it knows."""

    door: Door

    def resolve(self, address: Address) -> Identity:
        """Ask the instance for a channel or account; two requests for a handle, which may be either's.

        Raises ChannelGoneError, UnsupportedError for an address of another form, ParseError where no PeerTube is.
        """
        actor = _actor(address.url)
        kinds = ["c", "a"] if actor.kind == "@" else [actor.kind]
        for kind in kinds:
            asked = replace(actor, kind=kind)
            try:
                reply = self._ask(asked.instance, f"{_OBJECTS[kind]}/{asked.name}")
            except errors.ChannelGoneError:
                continue
            _refuse_claim(reply, asked)
            return _identity(reply, asked, address)
        host = urlsplit(actor.instance).netloc
        raise errors.ChannelGoneError(f"There is no {_WORDS[actor.kind]} “{actor.name}” at {host}.")

    def channel_of(self, video_url: str) -> tuple[str, str]:
        """(name, address) of the channel that a video is in, in one request. Raises RemovedError, ScrapeError."""
        reply, asked = self._video(video_url)
        identity = _identity(reply.get("channel"), asked)
        return identity.name, identity.url

    def pages(self, url: str, kind: str, cursor: dict[str, Any] | None, in_hand: InHand) -> Iterator[Page]:  # noqa: ARG002
        """Read the videos of a channel or account, newest first, a request per page; a cursor is {"start": n}."""
        actor = _actor(url)
        start = int((cursor or {}).get("start", 0))
        while True:
            reply = self._list(actor, start)
            listed, total = reply.get("data"), reply.get("total")
            if not isinstance(listed, list) or not isinstance(total, int):
                raise errors.ParseError(f"{actor.instance} did not answer with a list of videos.")
            in_hand(len(listed))
            start += len(listed)
            more = bool(listed) and start < total
            yield _page(listed, actor, {"start": start} if more else None)
            if not more:
                return

    def details(self, video_url: str) -> Details:
        """Read one video and which captions it has, in two requests. Raises RemovedError where there is none."""
        reply, asked = self._video(video_url)
        captions = self._of_video(asked.instance, f"{text(reply, 'uuid')}/captions")
        files = one_of_each(_caption_files(captions, asked.instance))
        channel, category, tags = reply.get("channel"), reply.get("category"), reply.get("tags")
        labelled = isinstance(category, dict) and category.get("id") is not None
        entry = _entry(reply, asked.instance)
        return Details(
            replace(entry, published_source="details" if entry.published_at else ""),
            channel_id=_identity(channel, asked).external_id,
            categories=[text(category, "label")] if labelled else [],
            tags=[tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [],
            captions={
                "manual": sorted(file.language for file in files if file.source == "manual"),
                "automatic": sorted(file.language for file in files if file.source == "auto"),
            },
            caption_files=files,
            language=text(reply.get("language"), "id"),
            starts_at=_starts_at(reply),
        )

    def _video(self, video_url: str) -> tuple[dict[str, Any], Actor]:
        parts = urlsplit(video_url)
        found = _VIDEO.fullmatch(parts.path)
        if not found:
            raise errors.UnsupportedError(f"{video_url} is not the address of a video on PeerTube.")
        instance = f"{parts.scheme}://{parts.netloc}"
        reply = self._of_video(instance, found[1])
        if not text(reply, "uuid"):
            raise errors.ParseError(f"{instance} did not answer with a video.")
        return reply, Actor(instance, "c", "")

    def _of_video(self, instance: str, what: str) -> dict[str, Any]:
        try:
            return self._ask(instance, f"videos/{what}")
        except errors.ChannelGoneError as error:
            host = urlsplit(instance).netloc
            raise errors.RemovedError(f"There is no such video at {host} (any more).") from error

    def _list(self, actor: Actor, start: int) -> dict[str, Any]:
        query = urlencode({"start": start, "count": PER_PAGE, "sort": "-publishedAt", "nsfw": "both"})
        try:
            return self._ask(actor.instance, f"{_OBJECTS[actor.kind]}/{actor.name}/videos?{query}")
        except errors.ChannelGoneError as error:
            host = urlsplit(actor.instance).netloc
            raise errors.ChannelGoneError(f"There is no {_WORDS[actor.kind]} “{actor.name}” at {host}.") from error

    def _ask(self, instance: str, what: str) -> dict[str, Any]:
        """A JSON object of the API. Raises ChannelGoneError for 404, ParseError for what is no such object."""
        fetched = self.door.fetch(f"{instance}/api/v1/{what}", {"Accept": "application/json"})
        try:
            reply = json.loads(fetched.body)
        except (ValueError, RecursionError) as error:
            raise errors.ParseError(f"{instance} did not answer as PeerTube does.") from error
        if not isinstance(reply, dict):
            raise errors.ParseError(f"{instance} did not answer as PeerTube does.")
        return reply


def _actor(url: str) -> Actor:
    actor = peertube_actor(url)
    if actor is None:
        raise errors.UnsupportedError(f"{url} is not the address of a channel or account on PeerTube.")
    return actor


def _identity(reply: Any, asked: Actor, address: Address | None = None) -> Identity:
    """Who a channel or account is: known by the host it comes from, whichever instance was asked."""
    name, host = text(reply, "name"), text(reply, "host").lower()
    if not _NAME.fullmatch(name) or not _HOST.fullmatch(host):
        raise errors.ParseError(f"{asked.instance} does not say which channel this is.")
    asked_host = urlsplit(asked.instance).netloc
    seen = f"{asked.instance}/{asked.kind}/{name}" + ("" if host == asked_host else f"@{host}")
    own = f"{asked.instance if host == asked_host else f'https://{host}'}/{asked.kind}/{name}"
    pages = [parse_address(page) for page in (seen, own, f"https://{host}/@{name}@{host}")]
    return Identity(
        platform="peertube",
        external_id=f"{name}@{host}" if asked.kind == "c" else f"a/{name}@{host}",
        name=(text(reply, "displayName") or name)[:300],
        url=own,
        handle=f"@{name}@{host}"[:120],
        description=text(reply, "description"),
        avatar_url=_avatar(reply, asked.instance),
        follower_count=count(reply, "followersCount"),
        keys=alias_keys([*([address] if address else []), *pages]),
        tabs=[TabAddress(TabKind.VIDEOS, f"{seen}/videos")],
    )


def _refuse_claim(reply: Mapping[str, Any], asked: Actor) -> None:
    """No instance can say of its own channels that they are another one's: that would take those over."""
    host = asked.name.partition("@")[2] or urlsplit(asked.instance).netloc
    if text(reply, "host").lower() != host.lower():
        raise errors.ParseError(f"{asked.instance} says that the channel belongs to another instance.")


def _avatar(reply: Mapping[str, Any], instance: str) -> str:
    listed = reply.get("avatars")
    images = [image for image in listed if isinstance(image, dict)] if isinstance(listed, list) else []
    largest = max(images, key=lambda image: count(image, "width") or 0, default={})
    return web_address(text(largest, "fileUrl") or text(largest, "path"), instance)


def _page(listed: list[Any], actor: Actor, cursor: dict[str, Any] | None) -> Page:
    videos = [item for item in listed if text(item, "uuid")]
    entries = [_entry(item, actor.instance) for item in videos]
    owner = videos[0].get("channel" if actor.kind == "c" else "account") if videos else None
    identity = _identity(owner, actor) if text(owner, "name") else None
    return Page(entries, cursor, not_videos=len(listed) - len(videos), identity=identity)


def _entry(item: Mapping[str, Any], instance: str) -> Entry:
    is_live = item.get("isLive") is True
    published_at = _moment(item, "publishedAt")
    picture = text(item, "previewPath") or text(item, "thumbnailPath")
    return Entry(
        external_id=text(item, "uuid"),
        url=web_address(text(item, "url") or f"/w/{text(item, 'shortUUID') or text(item, 'uuid')}", instance),
        title=text(item, "name"),
        description=text(item, "description"),
        thumbnail_url=web_address(picture, instance),
        kind=Kind.LIVE if is_live else Kind.VIDEO,
        live_status=_live_status(item) if "isLive" in item else "",
        availability=_PRIVACIES.get(_id(item, "privacy"), ""),
        duration_seconds=None if is_live else count(item, "duration"),
        view_count=count(item, "views"),
        like_count=count(item, "likes"),
        published_at=published_at,
        published_precision=Precision.EXACT if published_at else Precision.UNKNOWN,
        published_source="list" if published_at else "",
        is_excerpt=True,
    )


def _live_status(item: Mapping[str, Any]) -> LiveStatus:
    if item.get("isLive") is not True:
        return LiveStatus.NOT_LIVE
    states = {_WAITING: LiveStatus.UPCOMING, _ENDED: LiveStatus.WAS_LIVE}
    return states.get(_id(item, "state"), LiveStatus.LIVE)


def _starts_at(item: Mapping[str, Any]) -> datetime | None:
    planned = item.get("liveSchedules")
    if not isinstance(planned, list) or not planned or _live_status(item) != LiveStatus.UPCOMING:
        return None
    return _moment(planned[0], "startAt")


def _caption_files(reply: Mapping[str, Any], instance: str) -> Iterator[CaptionFile]:
    """The captions of a video, all of them WebVTT."""
    listed = reply.get("data")
    for item in listed if isinstance(listed, list) else []:
        # Instances before 7.1 give the path alone.
        if address := web_address(text(item, "fileUrl") or text(item, "captionPath"), instance):
            language, is_heard = text(item.get("language"), "id"), item.get("automaticallyGenerated") is True
            yield CaptionFile(language, "auto" if is_heard else "manual", "vtt", address)


def _id(item: Mapping[str, Any], name: str) -> int:
    return count(item.get(name), "id") or 0


def _moment(item: Any, name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text(item, name))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
