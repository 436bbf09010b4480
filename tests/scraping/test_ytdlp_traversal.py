"""The quick answers to paths through JSON are yt-dlp's own."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yt_dlp.utils import ExtractorError, traverse_obj
from yt_dlp.utils.traversal import require

from scraping.sources.ytdlp_traversal import quick

assert traverse_obj.__module__.startswith("yt_dlp."), "our own is compared with itself"


def _first(value: Any) -> Any:
    return value[0]


def _or_a(value: Any) -> Any:
    return value or "a"


KEYS = st.sampled_from(["a", "b", "c"])
LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.floats(0, 1) | st.text("ab", max_size=3)
JSON = st.recursive(
    LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part, max_size=3), max_leaves=12
)
# Hypothesis draws what can be hashed: `_paths` makes sets and templates of these.
SIFTS: st.SearchStrategy[Any] = st.sampled_from(
    [frozenset({str}), frozenset({dict}), frozenset({str, int}), frozenset({_first}), frozenset({_or_a})]
)
FILTERS = st.sampled_from([lambda key, _: key in {"a", 0}, lambda _, value: value["a"]])
STEP = KEYS | st.integers(-2, 2) | SIFTS | FILTERS | st.sampled_from([..., None, any, all, filter])
FORK = st.lists(KEYS | st.lists(STEP, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)
TEMPLATE = st.dictionaries(KEYS, st.lists(STEP | FORK, max_size=3).map(tuple), max_size=2).map(
    lambda paths: frozenset({("template", *paths.items())})
)
PATHS = KEYS | st.lists(STEP | FORK | TEMPLATE, max_size=4).map(tuple)
OPTIONS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "default": st.sampled_from([None, "", []]),
        "expected_type": st.sampled_from([None, str, dict, int, len, _first]),
        "get_all": st.booleans(),
    },
)


def _as_written(path: Any) -> Any:
    if isinstance(path, tuple):
        return tuple(_as_written(key) for key in path)
    if isinstance(path, frozenset):
        found = next(iter(path))
        is_template = isinstance(found, tuple)
        return {name: _as_written(inner) for name, inner in found[1:]} if is_template else set(path)
    return path


@example(None, [(filter, ...)], {})  # no branch where nothing is left to branch from
@given(JSON, st.lists(PATHS.map(_as_written), min_size=1, max_size=3), OPTIONS)
def test_every_path_through_json_leads_where_yt_dlp_says(data: Any, paths: list[Any], options: dict[str, Any]) -> None:
    assert quick(traverse_obj)(data, *paths, **options) == traverse_obj(data, *paths, **options)


def test_what_is_not_plain_is_left_to_yt_dlp() -> None:
    assert quick(traverse_obj)({"a": [1, 2, 3]}, ("a", slice(1, None))) == [2, 3]


def test_what_a_path_s_own_function_raises_is_raised_by_yt_dlp() -> None:
    with pytest.raises(ExtractorError, match="Unable to extract a title"):
        quick(traverse_obj)({"a": 1}, ("b", {require("a title")}))


def test_a_plain_path_is_not_asked_of_yt_dlp() -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError

    data = {"a": [{"b": "found", "kind": "this"}, {"kind": "that"}]}
    path = ("a", lambda _, value: value["kind"] == "this", {"found": ("b", {str.upper})}, any)
    assert quick(refuse)(data, path) == {"found": "FOUND"}
