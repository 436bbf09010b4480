"""What is answered in the place of yt-dlp's YouTube extractor is its own answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from yt_dlp.extractor.youtube import _tab
from yt_dlp.utils import urljoin

from scraping.door import Door
from scraping.sources.ytdlp_client import Client

PLAIN = Client(Door())._make_downloader().get_info_extractor("YoutubeTab")
SHORT = Client(Door()).downloader.get_info_extractor("YoutubeTab")
NAMES = st.sampled_from(["title", "simpleText", "runs", "text"])
JSON = st.recursive(
    st.none() | st.integers(0, 2) | st.text("ab", max_size=2),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=3),
    max_leaves=12,
)
RUNS = st.lists(st.fixed_dictionaries({"text": JSON}), max_size=3).map(lambda runs: {"title": {"runs": runs}})
PATHS = st.lists(NAMES | st.just(("title", ..., "text")), max_size=3)


@given(JSON | RUNS, PATHS, st.none() | st.integers(0, 2))
def test_a_text_is_the_one_that_yt_dlp_finds(data: Any, paths: list[Any], most: int | None) -> None:
    assert SHORT._get_text(data, *paths, max_runs=most) == PLAIN._get_text(data, *paths, max_runs=most)


PICTURE = st.fixed_dictionaries(
    {},
    optional={
        "url": st.sampled_from(["https://i.ytimg.com/a.jpg", "//a/b", "https://a/maxresdefault.jpg?x=1", " https://a "])
        | JSON,
        "height": st.integers(0, 9) | st.booleans() | st.just("9") | JSON,
        "width": st.integers(0, 9) | st.floats(0, 9),
    },
)


@given(
    st.fixed_dictionaries({"thumbnail": st.fixed_dictionaries({"thumbnails": st.lists(PICTURE | JSON) | JSON}) | JSON})
    | JSON,
    st.sampled_from([("thumbnail",), (), ("thumbnail", "title"), (("thumbnail",),)]),
)
def test_pictures_are_the_ones_that_yt_dlp_finds(data: Any, paths: tuple[Any, ...]) -> None:
    def outcome(extractor: Any) -> Any:
        try:
            return extractor._extract_thumbnails(data, *paths)
        except AttributeError as error:  # what is no picture at all
            return str(error)

    assert outcome(SHORT) == outcome(PLAIN)


@given(
    st.sampled_from(["https://www.youtube.com/", "https://www.youtube.com", "https://youtube.com/a/b"]),
    st.none()
    | st.text("/.?#&=:;%@ab-é ", max_size=12)
    | st.from_regex(r"(/[a-z@.]*){1,3}(\?[a-z=&]*)?", fullmatch=True),
)
def test_an_address_is_joined_as_yt_dlp_joins_it(base: str, path: str | None) -> None:
    assert _tab.urljoin(base, path) == urljoin(base, path)


@pytest.mark.parametrize("text", ["3 weeks ago", "Streamed 1 year ago", "today", "Jan 3, 2024", "soon", ""])
def test_a_time_is_reckoned_from_the_moment_it_is_asked_for(text: str) -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    for later in (timedelta(0), timedelta(seconds=0.5), timedelta(hours=13), timedelta(days=400)):
        with time_machine.travel(moment + later, tick=False):
            assert SHORT._parse_time_text(text) == PLAIN._parse_time_text(text)


def test_each_default_configuration_is_a_copy_of_its_own() -> None:
    SHORT._get_default_ytcfg("web")["INNERTUBE_CONTEXT"]["client"]["hl"] = "de"
    assert SHORT._get_default_ytcfg("web") == PLAIN._get_default_ytcfg("web")
