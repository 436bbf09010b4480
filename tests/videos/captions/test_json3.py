"""YouTube's json3: never raising, counting what it cannot read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.captions.cues import LONGEST_MS, Cue
from videos.captions.json3 import parse_json3

# As YouTube writes what its machine heard: a window, lines word by word that stay while the next is spoken, line ends.
HEARD = [
    {"tStartMs": 0, "dDurationMs": 3000, "id": 1, "wpWinPosId": 1, "wsWinStyleId": 1},
    {"tStartMs": 120, "dDurationMs": 4000, "wWinId": 1, "segs": [{"utf8": "this"}, {"utf8": " is", "tOffsetMs": 90}]},
    {"tStartMs": 2000, "dDurationMs": 2120, "wWinId": 1, "aAppend": 1, "segs": [{"utf8": "\n"}]},
    {"tStartMs": 2010, "dDurationMs": 1990, "wWinId": 1, "segs": [{"utf8": "heard"}]},
]


def document(*events: Any) -> bytes:
    return json.dumps({"wireMagic": "pb3", "events": events}).encode()


def test_cues_come_with_their_times_in_order() -> None:
    later = {"tStartMs": 5000, "dDurationMs": 1500, "segs": [{"utf8": "two\nlines"}]}
    first = {"tStartMs": 1000, "dDurationMs": 9000, "segs": [{"utf8": "one"}]}
    cues = (Cue(1000, 10_000, "one"), Cue(5000, 6500, "two\nlines"))
    assert parse_json3(b"\xef\xbb\xbf" + document(later, first)) == (cues, 0)


def test_heard_captions_end_where_the_next_begin() -> None:
    assert parse_json3(document(*HEARD)) == ((Cue(120, 2010, "this is"), Cue(2010, 4000, "heard")), 0)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"events": 5}', b"[" * 100_000, b"1" * 9999])
def test_what_is_no_such_file_is_rejected(body: bytes) -> None:
    assert parse_json3(body) == ((), 1)


def test_a_file_without_events_has_nothing() -> None:
    assert parse_json3(b"{}") == ((), 0)


def test_events_that_cannot_be_read_are_counted_and_the_rest_is_read() -> None:
    said = [{"utf8": "x"}]
    times = [{"tStartMs": time, "segs": said} for time in ("1", -5, 1e300, True)]
    broken = [5, {"segs": "x"}, {"segs": [5]}, *times, {"dDurationMs": None, "segs": said}]
    good = {"tStartMs": 1.0, "segs": [{"utf8": "x\0\ud800"}, {"utf8": None}, {}]}
    assert parse_json3(document(*broken, good)) == ((Cue(1, 1, "x"),), len(broken))


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)
_SEGMENTS = st.lists(st.dictionaries(st.just("utf8"), st.text(max_size=5) | _ANYTHING), max_size=3)
_EVENTS = st.dictionaries(
    st.sampled_from(["tStartMs", "dDurationMs", "segs", "aAppend"]), _ANYTHING | _SEGMENTS | st.integers(0, 10**6)
)


@given(st.binary() | st.lists(_EVENTS | _ANYTHING, max_size=8).map(lambda events: document(*events)))
def test_no_input_raises(body: bytes) -> None:
    parsed = parse_json3(body)
    assert parsed.rejected >= 0
    assert all(0 <= cue.start_ms <= cue.end_ms <= LONGEST_MS and cue.text.encode() for cue in parsed.cues)
    assert list(parsed.cues) == sorted(parsed.cues, key=lambda cue: cue.start_ms)
