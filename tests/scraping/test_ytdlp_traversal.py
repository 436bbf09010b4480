"""The quick answers to plain paths are yt-dlp's own."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from yt_dlp.utils.traversal import traverse_obj

from scraping.sources.ytdlp_traversal import quick

KEYS = st.sampled_from(["a", "b", "c"])
LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.floats(0, 1) | st.text("ab", max_size=3)
JSON = st.recursive(
    LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part, max_size=3), max_leaves=12
)
PLAIN = KEYS | st.integers(-2, 2) | st.just(...) | st.sampled_from([frozenset({str}), frozenset({dict})])
BRANCH = st.lists(KEYS | st.tuples(KEYS, KEYS | st.just(...)), min_size=1, max_size=3).map(tuple)
PATHS = KEYS | st.lists(PLAIN | BRANCH | st.just(any), max_size=4).map(tuple)
OPTIONS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "default": st.sampled_from([None, "", []]),
        "expected_type": st.sampled_from([None, str, dict, int, len]),
        "get_all": st.booleans(),
    },
)


def _with_sets(path: Any) -> Any:
    """Hypothesis draws what can be hashed; yt-dlp takes types in sets."""
    return tuple(set(key) if isinstance(key, frozenset) else key for key in path) if isinstance(path, tuple) else path


@given(JSON, st.lists(PATHS.map(_with_sets), min_size=1, max_size=3), OPTIONS)
def test_every_path_through_json_leads_where_yt_dlp_says(data: Any, paths: list[Any], options: dict[str, Any]) -> None:
    assert quick(traverse_obj)(data, *paths, **options) == traverse_obj(data, *paths, **options)


def test_what_is_not_plain_is_left_to_yt_dlp() -> None:
    data = [{"a": 1}, {"a": 2}]
    assert quick(traverse_obj)(data, (lambda _, value: value["a"] == 2)) == [{"a": 2}]


def test_a_plain_path_is_not_asked_of_yt_dlp() -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError

    assert quick(refuse)({"a": [{"b": "found"}]}, ("a", 0, "b")) == "found"
