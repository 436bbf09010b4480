"""Which captions of a video are worth a request."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from yt_dlp import YoutubeDL

from scraping.captions import choose
from scraping.door import Door
from scraping.sources.caption_files import caption_files, own_language
from scraping.sources.source import CaptionFile
from scraping.sources.ytdlp import YtdlpSource
from tests.recorded import SCENARIOS, named


@pytest.mark.django_db
@pytest.mark.parametrize("name", named("video"))
def test_recorded_pages_name_the_captions_that_yt_dlp_finds_by_itself(name: str, replaying: Callable[..., Any]) -> None:
    replaying(name)
    url = SCENARIOS[name]["url"]
    arguments = {"youtube": {"player_client": ["web"], "player_skip": ["configs", "js"]}}
    with YoutubeDL({"quiet": True, "cachedir": False, "extractor_args": arguments}) as downloader:
        info = downloader.extract_info(url, download=False, process=False)
    details = YtdlpSource(Door()).details(url)
    assert list(details.caption_files) == caption_files(info)
    assert details.language == own_language(info)
    assert all(file.format == "json3" for file in details.caption_files)


def files(*names: str) -> list[CaptionFile]:
    """en, or en* for what was heard."""
    return [CaptionFile(name.rstrip("*"), "auto" if "*" in name else "manual", "vtt", "") for name in names]


@pytest.mark.parametrize(
    ("there", "own", "chosen"),
    [
        (("en*",), "en", ["en*"]),
        (("en*", "en-GB"), "en", ["en-GB"]),
        (("de*", "en*"), "de", ["de*"]),
        (("ar", "cs", "de*", "en", "fr"), "de", ["de*", "en", "ar"]),
        (("ar", "cs", "en", "fr"), "", ["en", "ar", "cs"]),
        ((), "en", []),
    ],
)
def test_a_videos_own_language_comes_first_and_few_others_follow(
    there: tuple[str, ...], own: str, chosen: list[str]
) -> None:
    found = choose(files(*there), own)
    assert [file.language + "*" * (file.source == "auto") for file in found] == chosen


def test_no_captions_at_all_can_be_wished_for(settings: Settings) -> None:
    settings.CAPTIONS_PER_VIDEO = 0
    assert choose(files("en", "de*"), "de") == []


def test_the_names_that_youtube_gives_to_tracks_are_taken_off() -> None:
    vtt = [{"ext": "ttml", "url": "no"}, {"ext": "vtt", "url": "yes"}]
    translated = [{"ext": "vtt", "url": "x?tlang=fr"}]
    info = {
        "subtitles": {
            **dict.fromkeys(["en-GB-BcZ8Aw7PaxE", "cs--GTMhH9BfX0", "sr-Latn", "live_chat", "", "\ud800"], vtt),
            "xx": None,
        },
        "automatic_captions": {"de-orig": vtt, "de": vtt, "fr": translated},
    }
    named = [(file.language, file.source, file.url) for file in caption_files(info)]
    manual = [(name, "manual", "yes") for name in ("en-GB", "cs", "sr-Latn")]
    assert (named, own_language(info)) == ([*manual, ("de", "auto", "yes")], "de")
