"""Which captions of a video are worth a request."""

import pytest
from pytest_django.fixtures import Settings

from scraping.captions import choose
from scraping.sources.caption_files import caption_files, own_language
from scraping.sources.source import CaptionFile


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
        "subtitles": {"en-GB-BcZ8Aw7PaxE": vtt, "cs--GTMhH9BfX0": vtt, "sr-Latn": vtt, "xx": None, "live_chat": vtt},
        "automatic_captions": {"de-orig": vtt, "de": vtt, "fr": translated},
    }
    named = [(file.language, file.source, file.url) for file in caption_files(info)]
    manual = [(name, "manual", "yes") for name in ("en-GB", "cs", "sr-Latn")]
    assert (named, own_language(info)) == ([*manual, ("de", "auto", "yes")], "de")
