"""The same answers as a YouTube extractor's own to what it asks again and again, without looking everywhere for them.

Only the last of them knows anything of YouTube. They make yt-dlp read lists and pages several times as fast.
"""

import pickle
import re
import time
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

_SITE = "https://www.youtube.com/"
# What it is joined to without a change: no dots, nothing empty.
_PLAIN_PATH = re.compile(r"(?:/[\w%@=&-]+)+(?:\?[\w%@=&-]+)?", re.ASCII)


def quick_join(urljoin: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """`urljoin` with what most entries lead to answered here."""

    def join(base: Any, path: Any) -> Any:
        if base == _SITE and type(path) is str and _PLAIN_PATH.fullmatch(path):
            return _SITE + path[1:]
        return urljoin(base, path)

    return join


def shorten(extractor: Any) -> None:
    """Let an extractor of yt-dlp use them; once or often, it is the same."""
    if "_get_text" in extractor.__dict__:
        return
    shortcuts = _Shortcuts(extractor)
    extractor._extract_continuation = shortcuts.continuation  # noqa: SLF001
    extractor._extract_badges = shortcuts.badges  # noqa: SLF001
    extractor._has_badge = shortcuts.has_badge  # noqa: SLF001
    extractor._get_text = shortcuts.text  # noqa: SLF001
    extractor._extract_thumbnails = shortcuts.thumbnails  # noqa: SLF001
    extractor._parse_time_text = shortcuts.time_of  # noqa: SLF001
    extractor._get_default_ytcfg = shortcuts.default_config  # noqa: SLF001
    # What people wrote and a machine heard is wanted, not seven addresses for each of 150 languages that YouTube makes
    # of it: they are most of a page's work.
    extractor._extract_player_responses = shortcuts.player_responses  # noqa: SLF001
    extractor._SUBTITLE_FORMATS = ("json3",)  # noqa: SLF001


class _Shortcuts:
    def __init__(self, extractor: Any) -> None:
        self._own = type(extractor)
        self._extractor = extractor
        self._page: Any = None
        self._continuation: Any = None
        own = self._own
        self._time_at = lru_cache(256)(lambda _second, *said: own._parse_time_text(extractor, *said))  # noqa: SLF001
        self._pickled_config = cache(lambda client: pickle.dumps(own._get_default_ytcfg(extractor, client)))  # noqa: SLF001

    def continuation(self, renderer: Any) -> Any:
        """Asked after each entry of a page and the same for all of them; it stands at the page's end."""
        if self._page is not renderer:
            find = self._own._extract_continuation  # noqa: SLF001
            items = renderer.get("contents") if isinstance(renderer, dict) else None
            last = {**renderer, "contents": items[-1:]} if isinstance(items, list) else renderer
            self._page, self._continuation = renderer, find(last) or find(renderer)
        return self._continuation

    def badges(self, found: Any) -> list[Any]:
        """Most entries have none."""
        badges: list[Any] = self._own._extract_badges(self._extractor, found) if found else []  # noqa: SLF001
        return badges

    def has_badge(self, badges: list[Any], kind: Any) -> bool:
        """None of none."""
        return bool(badges) and self._own._has_badge(badges, kind)  # noqa: SLF001

    def text(self, data: Any, *paths: Any, max_runs: int | None = None) -> str | None:
        """Most texts are plain ones or made of runs, and stand right below what is asked."""
        if data is None:
            return None
        for place, path in enumerate(paths or (None,)):
            found = data if path is None else data.get(path) if type(path) is str and type(data) is dict else ...
            if found is not None and type(found) is not dict:
                text: str | None = self._own._get_text(data, *paths[place:], max_runs=max_runs)  # noqa: SLF001
                return text
            if found and (text := _written(found, max_runs)):
                return text
        return None

    def thumbnails(self, data: Any, *paths: Any, final_key: str = "thumbnails") -> list[dict[str, Any]]:
        """Mostly plain pictures right below the one name that is asked for."""
        listed = _below(_below(data, *paths), final_key) if len(paths) == 1 else None
        if type(listed) is list:
            pictures = [picture for one in listed if (picture := _picture(one))]
            if len(pictures) == len(listed):
                return pictures
        own: list[dict[str, Any]] = self._own._extract_thumbnails(data, *paths, final_key=final_key)  # noqa: SLF001
        return own

    def time_of(self, text: str, *, report_failure: bool = True) -> int | None:
        """Many videos of a list are equally old, and yt-dlp reckons in whole seconds."""
        found: int | None = self._time_at(int(time.time()), text, report_failure)
        return found

    def default_config(self, client: str = "web") -> dict[str, Any]:
        """A copy of its own, ten times a page."""
        copy: dict[str, Any] = pickle.loads(self._pickled_config(client))  # noqa: S301 - our own
        return copy

    def player_responses(self, *args: Any, **options: Any) -> Any:
        """With no language to translate into but those that were heard, by which yt-dlp knows the original."""
        responses, *rest = self._own._extract_player_responses(self._extractor, *args, **options)  # noqa: SLF001
        for response in responses:
            captions = (response.get("captions") or {}).get("playerCaptionsTracklistRenderer") or {}
            heard = {one.get("languageCode") for one in captions.get("captionTracks") or () if one.get("kind") == "asr"}
            languages = captions.get("translationLanguages") or ()
            captions["translationLanguages"] = [one for one in languages if one.get("languageCode") in heard]
        return responses, *rest


def _below(found: Any, name: Any) -> Any:
    return found.get(name) if type(found) is dict and type(name) is str else None


def _picture(image: Any) -> dict[str, Any] | None:
    """A picture as yt-dlp describes it; None where it has to look more closely."""
    if type(image) is not dict:
        return None
    url, height, width = image.get("url"), image.get("height"), image.get("width")
    if type(url) is not str or type(height) is not int or type(width) is not int:
        return None
    if not url.startswith("https://") or "maxresdefault" in url or url[-1].isspace():
        return None
    return {"url": url, "height": height, "width": width}


def _written(found: dict[str, Any], max_runs: int | None) -> str:
    simple, runs = found.get("simpleText"), found.get("runs")
    if isinstance(simple, str) and simple:
        return simple
    texts = [run.get("text") for run in runs[: max_runs or None] if type(run) is dict] if type(runs) is list else []
    return "".join(text for text in texts if isinstance(text, str))
