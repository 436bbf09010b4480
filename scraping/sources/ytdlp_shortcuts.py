"""The same answers as a YouTube extractor's own to what it asks again and again, without looking everywhere for them.

Only the last of them knows anything of YouTube. They make yt-dlp read lists and pages several times as fast.
"""

from typing import Any


def shorten(extractor: Any) -> None:
    """Let an extractor of yt-dlp use them; once or often, it is the same."""
    if "_get_text" in extractor.__dict__:
        return
    shortcuts = _Shortcuts(extractor)
    extractor._extract_continuation = shortcuts.continuation  # noqa: SLF001
    extractor._extract_badges = shortcuts.badges  # noqa: SLF001
    extractor._has_badge = shortcuts.has_badge  # noqa: SLF001
    extractor._get_text = shortcuts.text  # noqa: SLF001
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

    def text(self, data: Any, *paths: Any, **options: Any) -> str | None:
        """Most texts are plain ones, where they are looked for first."""
        found = data if not paths else data.get(paths[0]) if _is_plain(data, paths[0]) else None
        if isinstance(found, dict) and isinstance(found.get("simpleText"), str) and found["simpleText"]:
            return str(found["simpleText"])
        text: str | None = self._own._get_text(data, *paths, **options)  # noqa: SLF001
        return text

    def player_responses(self, *args: Any, **options: Any) -> Any:
        """With no language to translate into but those that were heard, by which yt-dlp knows the original."""
        responses, *rest = self._own._extract_player_responses(self._extractor, *args, **options)  # noqa: SLF001
        for response in responses:
            captions = (response.get("captions") or {}).get("playerCaptionsTracklistRenderer") or {}
            heard = {one.get("languageCode") for one in captions.get("captionTracks") or () if one.get("kind") == "asr"}
            languages = captions.get("translationLanguages") or ()
            captions["translationLanguages"] = [one for one in languages if one.get("languageCode") in heard]
        return responses, *rest


def _is_plain(data: Any, path: Any) -> bool:
    return isinstance(data, dict) and isinstance(path, str)
