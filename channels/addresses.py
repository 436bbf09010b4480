"""What an operator may type for a channel, brought into one form before anything is asked of the network."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from nisam.lib.errors import OperationError
from nisam.lib.hosts import names_private_host

ACCEPTED = (
    "Give a channel's address, such as https://www.youtube.com/@kurzgesagt, @kurzgesagt, "
    "https://www.youtube.com/channel/UC…, a playlist, a PeerTube channel (name@instance.tld or its page), a feed, "
    "or a channel on another site that yt-dlp reads."
)
LONGEST = 500
TABS = ("videos", "shorts", "streams")

_HANDLE = re.compile(r"@[\w.\-·]{2,60}")
_CHANNEL_ID = re.compile(r"UC[\w-]{22}")
_HOST = re.compile(r"[\w.-]+\.[\w-]{2,}(:\d+)?(/|$)")
_YOUTUBE_HOSTS = {"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"}
_OTHER_YOUTUBE_TABS = {
    "featured",
    "playlists",
    "releases",
    "community",
    "about",
    "live",
    "podcasts",
    "membership",
    "posts",
}
_YOUTUBE_FEEDS = {"channel_id": ["channel"], "user": ["user"]}
_TIKTOK_HOSTS = {"tiktok.com", "www.tiktok.com", "m.tiktok.com"}
_FEDERATED_HANDLE = re.compile(r"@?([\w.:-]+)@([\w.-]+\.[\w-]{2,}(?::\d+)?)")
_FEED_SCHEME = re.compile(r"feed:(//)?(?=\S)", re.IGNORECASE)
# The pages of an actor in PeerTube's client, under their short and their ActivityPub names.
_PEERTUBE_PATH = re.compile(
    r"/(?:(?P<kind>c|video-channels|a|accounts)/|@)(?P<name>[\w.:-]+)(?:@(?P<origin>[\w.-]+(?::\d+)?))?"
    r"(?:/(?:videos|video-playlists|video-channels|about|search))?/?"
)
_PEERTUBE_KINDS = {"c": "c", "video-channels": "c", "a": "a", "accounts": "a", None: "@"}
_PEERTUBE_QUERY = {"s", "sort", "search"}
# Sites that have paths like PeerTube's and are none.
_NOT_PEERTUBE = {"patreon.com", "www.patreon.com", *_YOUTUBE_HOSTS, *_TIKTOK_HOSTS}


class AddressError(OperationError):
    """What was typed is no address of a channel; the message says what is accepted."""

    code = "bad_address"
    permanent = True


class SingleVideoError(AddressError):
    """The address is one video's."""

    code = "single_video"


@dataclass(frozen=True)
class Address:
    """A channel's address. `key` is equal for every form of it that can be told equal without the network."""

    url: str
    platform: str
    key: str
    tab: str = ""
    is_video: bool = False


@dataclass(frozen=True)
class Actor:
    """A channel ("c"), an account ("a") or either ("@") as an instance of PeerTube calls it.

    `instance` is where to ask: scheme and host, with the port if there is one. `name` is followed by @ and the host
    it comes from when that is another one.
    """

    instance: str
    kind: str
    name: str


def parse_address(typed: str) -> Address:
    """The address in `typed`: a URL with or without scheme, a handle or a YouTube channel id; maybe a video's.

    Raises AddressError, in words that say what is accepted, for everything else and for private hosts.
    """
    text = typed.strip()
    if not text or "\x00" in text or len(text) > LONGEST:
        raise AddressError(f"That is not an address. {ACCEPTED}")
    if _HANDLE.fullmatch(text):
        return _youtube(text, [text], {})
    if _CHANNEL_ID.fullmatch(text):
        return _youtube(text, ["channel", text], {})
    if found := _FEDERATED_HANDLE.fullmatch(text):
        return _from_url(f"https://{found[2]}/@{found[1]}@{found[2]}")
    text = _FEED_SCHEME.sub("", text, count=1)
    if "://" not in text:
        if not _HOST.match(text):
            raise AddressError(f"“{text[:80]}” is not an address. {ACCEPTED}")
        text = f"https://{text}"
    return _from_url(text)


def peertube_actor(url: str) -> Actor | None:
    """The channel or account whose page an address is, if it has the form of PeerTube's; the site may be another."""
    parts = urlsplit(url)
    host = parts.netloc.lower()
    found = _PEERTUBE_PATH.fullmatch(unquote(parts.path))
    if not found or host in _NOT_PEERTUBE or not set(parse_qs(parts.query)) <= _PEERTUBE_QUERY:
        return None
    kind, origin = _PEERTUBE_KINDS[found["kind"]], (found["origin"] or "").lower()
    if kind == "@" and origin != host:  # many sites have pages of that form
        return None
    name = found["name"] if origin in {"", host} else f"{found['name']}@{origin}"
    return Actor(f"{parts.scheme}://{host}", kind, name)


def _from_url(text: str) -> Address:
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise AddressError(f"“{text[:80]}” is not an address. {ACCEPTED}") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise AddressError(f"Only http and https addresses can be followed. {ACCEPTED}")
    if parts.username or parts.password:
        raise AddressError(f"An address must not carry a user name or a password. {ACCEPTED}")
    if names_private_host(host):
        raise AddressError(
            f"{host} is on this machine or a private network, which is not followed; "
            f"NISAM_ALLOW_PRIVATE_HOSTS lists exceptions. {ACCEPTED}"
        )
    path = [segment for segment in parts.path.split("/") if segment]
    if host == "youtu.be" and path:
        return _youtube_video(path[0])
    if host in _YOUTUBE_HOSTS:
        return _youtube(text, path, parse_qs(parts.query))
    if host in _TIKTOK_HOSTS and path and path[0].startswith("@"):
        return _tiktok(path)
    return _elsewhere(parts, host if port is None else f"{host}:{port}")


def _elsewhere(parts: SplitResult, netloc: str) -> Address:
    page = f"{netloc}{parts.path.rstrip('/')}"
    if actor := peertube_actor(f"{parts.scheme}://{netloc}{parts.path}?{parts.query}"):
        if actor.kind == "@":
            return Address(f"{actor.instance}/@{actor.name}@{netloc}", "peertube", f"peertube:{actor.name}@{netloc}")
        # Aliases are stored: the usual form of each keeps the key that it always had.
        suffix = "/videos" if "@" in actor.name else ""
        return Address(f"{parts.scheme}://{page}", "", f"{netloc}/{actor.kind}/{actor.name}{suffix}")
    query = f"?{parts.query}" if parts.query else ""
    return Address(f"{parts.scheme}://{page}{query}", platform="", key=f"{page}{query}")


def _youtube(typed: str, path: list[str], query: dict[str, list[str]]) -> Address:
    if path == ["feeds", "videos.xml"]:
        return _youtube_feed(typed, query)
    if path[:1] == ["playlist"] and query.get("list"):
        return _youtube_playlist(query["list"][0])
    if path[:1] == ["watch"] and query.get("v"):
        return _youtube_video(query["v"][0])
    if path[:1] in (["shorts"], ["embed"], ["v"], ["live"]) and len(path) > 1:
        return _youtube_video(path[1])
    named = 2 if path[:1] in (["channel"], ["c"], ["user"]) else 1
    name, rest = path[:named], path[named:]
    if len(name) < named or len(rest) > 1 or (rest and rest[0] not in {*TABS, *_OTHER_YOUTUBE_TABS}):
        raise AddressError(f"“{typed[:80]}” is not a channel on YouTube. {ACCEPTED}")
    # Channel ids distinguish capitals, names do not.
    key = name[1] if name[0] == "channel" else "/".join(name).lower()
    tab = rest[0] if rest and rest[0] in TABS else ""
    return Address(f"https://www.youtube.com/{'/'.join(name)}", "youtube", f"youtube:{key}", tab)


def _youtube_feed(typed: str, query: dict[str, list[str]]) -> Address:
    if query.get("playlist_id"):
        return _youtube_playlist(query["playlist_id"][0])
    for parameter, path in _YOUTUBE_FEEDS.items():
        if query.get(parameter):
            return _youtube(typed, [*path, query[parameter][0]], {})
    raise AddressError(f"“{typed[:80]}” is not a channel's feed on YouTube. {ACCEPTED}")


def _youtube_playlist(playlist: str) -> Address:
    return Address(f"https://www.youtube.com/playlist?list={playlist}", "youtube", f"youtube:{playlist}")


def _youtube_video(video_id: str) -> Address:
    url = f"https://www.youtube.com/watch?v={video_id}"
    return Address(url, "youtube", f"youtube:video:{video_id}", is_video=True)


def _tiktok(path: list[str]) -> Address:
    is_video = path[1:2] in (["video"], ["photo"]) and len(path) > len(["@x", "video"])
    page = "/".join(["www.tiktok.com", *path[: 3 if is_video else 1]])
    return Address(f"https://{page}", "tiktok", page.lower(), is_video=is_video)
