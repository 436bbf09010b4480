"""Generated YouTube channels of any length, answered to yt-dlp like the recorded ones, derived from one of those.

Every page is a recorded page in which ids, titles and ages are replaced, put together when it is asked for: a
channel of 50,000 videos takes no more memory than one of 30, and a page a small part of what its parsing takes.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

RECORDED = "youtube-kurzgesagt-videos-2026-01"
RECORDED_ID, RECORDED_HANDLE, RECORDED_NAME = "UCsXVk37bltHxD1rDPwtNM8Q", "@kurzgesagt", "Kurzgesagt – In a Nutshell"
PER_PAGE = 30
# What stands in the templates for what is generated; none of it can be part of JSON.
_ID, _TITLE, _AGE, _TOKEN, _ITEMS, _CHANNEL, _HANDLE, _NAME = (chr(code) for code in range(1, 9))
_JSON = {"content-type": "application/json; charset=UTF-8"}
_HTML = {"content-type": "text/html; charset=utf-8"}
_ADDRESS = re.compile(r"https://www\.youtube\.com/(?:channel/|@g\.)(UC[\w-]{22})(?:/videos)?/?(?:\?|$)")
_TOKEN_OF_PAGE = re.compile(r"next\.(UC[\w-]{22})\.(\d+)\.")
_WORDS = (
    ("Why", "How", "When", "Inside", "Building", "Testing", "Explaining", "The"),
    ("black", "tiny", "endless", "secret", "“new”", "naïve", "7", "impossible"),
    ("holes", "ants", "machines", "cities", "müsli", "stars", "鳥", "Ⅲ"),
)

Library = TypeVar("Library", bound="GeneratedLibrary")


class Reply(NamedTuple):
    """An answer, with the names that `replay.Reply` has."""

    status: int
    headers: dict[str, str]
    body: bytes


class GeneratedLibrary:
    """Stands in for `replay.Library`: any channel id (UC and 22 more) is a channel of `videos` videos.

    Deterministic by `seed`. Video number 0 is the oldest, so when `videos` grows there are new ones on top of the
    list and all others stay what they were, also for somebody in the middle of it.
    """

    def __init__(self, scenarios: Path, videos: int, *, seed: int = 0) -> None:
        self.videos = videos
        self.seed = seed
        self.log: list[tuple[str, str, int | None]] = []
        self._faults: list[tuple[str, int]] = []
        self._templates = _Templates(scenarios / RECORDED)

    def fail_next(self, url_part: str = "", status: int = 429, times: int = 1) -> None:
        """The next `times` requests whose URL contains `url_part` get `status` (0: the connection breaks)."""
        self._faults += [(url_part, status)] * times

    def find(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        ignore_host: bool = False,  # noqa: ARG002 - replay.Library has it
    ) -> Reply | None:
        """The answer to a request; None when there is nothing at its address."""
        reply = self._fault(url) or self._answer(method, url, body)
        self.log.append((method, url, reply.status if reply else None))
        return reply

    def _fault(self, url: str) -> Reply | None:
        for fault in self._faults:
            if fault[0] in url:
                self._faults.remove(fault)
                return Reply(fault[1], {"content-type": "text/plain"}, b"injected fault")
        return None

    def _answer(self, method: str, url: str, body: bytes | None) -> Reply | None:
        if method == "GET" and (address := _ADDRESS.match(url)):
            items, token = self._items(address[1], self.videos)
            data = self._templates.first(address[1], items, token).replace("</", "<\\/")
            page = f"<!DOCTYPE html><html><head><script>var ytInitialData = {data};</script></head><body></body></html>"
            return Reply(200, _HTML, page.encode())
        if method == "POST" and "/youtubei/v1/browse" in url:
            asked = _TOKEN_OF_PAGE.match(json.loads(body or b"{}").get("continuation", ""))
            if asked:
                return Reply(200, _JSON, self._templates.next(*self._items(asked[1], int(asked[2]))).encode())
        return None

    def _items(self, channel_id: str, before: int) -> tuple[str, str]:
        """The items of the page that begins with the video before number `before`, and the token of the next page."""
        last = max(before - PER_PAGE, 0)
        shown = (self._item(channel_id, number) for number in range(before - 1, last - 1, -1))
        return ",".join(shown), f"next.{channel_id}.{last}." if last else ""

    def _item(self, channel_id: str, number: int) -> str:
        digest = hashlib.blake2b(f"{self.seed} {channel_id} {number}".encode(), digest_size=8).digest()
        video_id = base64.urlsafe_b64encode(digest)[:11].decode()
        words = (choice[byte % len(choice)] for choice, byte in zip(_WORDS, digest, strict=False))
        template = self._templates.items[number % PER_PAGE]
        title = f"{' '.join(words)}, part {number}"
        return template.replace(_ID, video_id).replace(_TITLE, title).replace(_AGE, _age(self.videos - number))


class _Templates:
    """The recorded pages, with marks where something is generated."""

    def __init__(self, recorded: Path) -> None:
        page = json.loads((recorded / "page2.json").read_text())
        items = page["onResponseReceivedActions"][0]["appendContinuationItemsAction"]["continuationItems"]
        self.items = [_item_template(item["richItemRenderer"]["content"]["videoRenderer"]) for item in items[:-1]]
        token = items[-1]["continuationItemRenderer"]["continuationEndpoint"]["continuationCommand"]["token"]
        # As long as a recorded one: it is part of every request and kept as the cursor of the job.
        self._token_length = len(token)
        self._continuation = "," + _dumped(items[-1]).replace(token, _TOKEN)
        items[:] = [_ITEMS]
        self._next = _dumped(page).replace(_dumped(_ITEMS), _ITEMS)
        self._first = _first_template(json.loads((recorded / "browse.json").read_text()))

    def first(self, channel_id: str, items: str, token: str) -> str:
        """The data of a channel's page."""
        filled = self._first.replace(_ITEMS, self._with_continuation(items, token)).replace(_CHANNEL, channel_id)
        return filled.replace(_HANDLE, f"@g.{channel_id}").replace(_NAME, f"Generated {channel_id[-6:]}")

    def next(self, items: str, token: str) -> str:
        """The answer to a continuation."""
        return self._next.replace(_ITEMS, self._with_continuation(items, token))

    def _with_continuation(self, items: str, token: str) -> str:
        return items + (self._continuation.replace(_TOKEN, token.ljust(self._token_length, "A")) if token else "")


def _item_template(video: dict[str, Any]) -> str:
    text = _dumped({"richItemRenderer": {"content": {"videoRenderer": video}}}).replace(video["videoId"], _ID)
    title = _dumped(video["title"]["runs"][0]["text"])[1:-1]
    return text.replace(title, _TITLE).replace(video["publishedTimeText"]["simpleText"], _AGE)


def _first_template(page: dict[str, Any]) -> str:
    tabs = page["contents"]["twoColumnBrowseResultsRenderer"]["tabs"]
    # The one list that is generated is the only one the channel has.
    tabs[:] = [tab for tab in tabs if tab.get("tabRenderer", {}).get("title") in {"Home", "Videos"}]
    tabs[-1]["tabRenderer"]["content"]["richGridRenderer"]["contents"] = [_ITEMS]
    text = _dumped(page).replace(_dumped(_ITEMS), _ITEMS).replace(RECORDED_ID, _CHANNEL)
    return text.replace(RECORDED_HANDLE, _HANDLE).replace(RECORDED_NAME, _NAME)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _age(position: int) -> str:
    """One video a day."""
    for days, unit in ((365, "year"), (30, "month"), (7, "week"), (1, "day")):
        if position >= 2 * days:
            return f"{position // days} {unit}s ago"
    return "1 day ago"


@contextmanager
def installed(library: Library) -> Iterator[Library]:
    """Every YoutubeDL made inside the block asks the library and nobody else; the recordings must be importable."""
    import replay  # noqa: PLC0415 - found only where the recordings are

    with replay.installed():
        replay.ReplayHandler.library = library
        yield library
