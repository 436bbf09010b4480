"""What an operator may type for a channel, brought into one form before anything is asked of the network."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from nisam.lib.errors import OperationError
from nisam.lib.hosts import names_private_host

ACCEPTED = (
    "Give a channel's address, such as https://www.youtube.com/@kurzgesagt, @kurzgesagt, "
    "https://www.youtube.com/channel/UC…, a playlist, or a channel on another site that yt-dlp reads."
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


def parse_address(typed: str) -> Address:
    """The address in `typed`: a URL with or without scheme, a YouTube handle or a channel id; maybe a video's.

    Raises AddressError, in words that say what is accepted, for everything else and for private hosts.
    """
    text = typed.strip()
    if not text or "\x00" in text or len(text) > LONGEST:
        raise AddressError(f"That is not an address. {ACCEPTED}")
    if _HANDLE.fullmatch(text):
        return _youtube(text, [text], {})
    if _CHANNEL_ID.fullmatch(text):
        return _youtube(text, ["channel", text], {})
    if "://" not in text:
        if not _HOST.match(text):
            raise AddressError(f"“{text[:80]}” is not an address. {ACCEPTED}")
        text = f"https://{text}"
    return _from_url(text)


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
    netloc = host if port is None else f"{host}:{port}"
    url = f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}" + (f"?{parts.query}" if parts.query else "")
    return Address(url, platform="", key=f"{netloc}{parts.path.rstrip('/')}?{parts.query}".rstrip("?"))


def _youtube(typed: str, path: list[str], query: dict[str, list[str]]) -> Address:
    if path[:1] == ["playlist"] and query.get("list"):
        playlist = query["list"][0]
        return Address(f"https://www.youtube.com/playlist?list={playlist}", "youtube", f"youtube:{playlist}")
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


def _youtube_video(video_id: str) -> Address:
    url = f"https://www.youtube.com/watch?v={video_id}"
    return Address(url, "youtube", f"youtube:video:{video_id}", is_video=True)
