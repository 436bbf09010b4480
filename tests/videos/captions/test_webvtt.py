"""WebVTT as it comes: lenient, never raising, counting what it cannot read."""

from hypothesis import given
from hypothesis import strategies as st

from videos.captions.cues import LONGEST_MS, Cue
from videos.captions.webvtt import parse_webvtt

# As YouTube writes what its machine heard: each line comes in word by word, and stays above the next one. A line of a
# single space keeps the cue open.
ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.320 --> 00:00:02.909 align:start position:0%
{SPACE}
this<00:00:00.640><c> is</c><00:00:00.800><c> heard</c>

00:00:02.909 --> 00:00:02.919 align:start position:0%
this is heard
{SPACE}

00:00:02.919 --> 00:00:05.000 align:start position:0%
this is heard
and<00:00:03.200><c> rolls</c>

00:00:05.000 --> 00:00:05.010 align:start position:0%
and rolls
{SPACE}

00:00:05.010 --> 00:00:07.000 align:start position:0%
and rolls
on
""".replace("{SPACE}", " ")


def test_cues_come_with_their_times_and_without_tags_settings_and_notes() -> None:
    body = (
        "\ufeffWEBVTT - a title\r\n\r\nNOTE\r\nnobody reads this\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n"
        "REGION\r\nid:bill\r\n\r\n1\r\n00:01.500 --> 00:02.000 line:0 position:20%\r\n"
        "<v Roger><b>Fish &amp; &lt;chips&gt;</b></v>\r\nfor  two\r\n\r\n"
        "100:00:00.000 --> 100:00:01.000\r\nlate"
    )
    cues = (Cue(1500, 2000, "Fish & <chips>\nfor two"), Cue(360_000_000, 360_001_000, "late"))
    assert parse_webvtt(body.encode()) == (cues, 0)


def test_captions_that_roll_up_have_each_line_once() -> None:
    cues = (Cue(320, 2919, "this is heard"), Cue(2919, 5010, "and rolls"), Cue(5010, 7000, "on"))
    assert parse_webvtt(ROLLING.encode()) == (cues, 0)


def test_what_is_said_again_later_is_kept() -> None:
    body = b"WEBVTT\n\n00:01.000 --> 00:02.000\nYes\n\n00:09.000 --> 00:10.000\nYes\n"
    assert [cue.start_ms for cue in parse_webvtt(body).cues] == [1000, 9000]


def test_broken_times_are_counted_and_the_rest_is_read() -> None:
    body = b"""WEBVTT

00:00:01 --> 00:00:02
no milliseconds

00:00:03.000 -> 00:00:04.000
half an arrow

00:00:09.000 --> 00:00:08.000
backwards

xx:00:05.000 --> 00:00:06.000
letters

00:00:05.000 --> 00:00:06.000

00:00:07,000 --> 00:00:08,5
a comma, as SubRip has it
"""
    assert parse_webvtt(body) == ((Cue(7000, 8500, "a comma, as SubRip has it"),), 4)


def test_an_empty_file_has_nothing() -> None:
    assert parse_webvtt(b"") == ((), 0)
    assert parse_webvtt(b"WEBVTT\n") == ((), 0)


def test_a_page_instead_of_captions_is_rejected() -> None:
    assert parse_webvtt(b"<html><body>Sorry</body></html>") == ((), 1)


@given(st.binary() | st.text(alphabet="0159:.,-> \n\r\0<>&;aWEBVTT\ufeff\u2028\ud800").map(
    lambda text: b"WEBVTT\n\n" + text.encode("utf-8", "surrogatepass")
))  # fmt: skip
def test_no_input_raises(body: bytes) -> None:
    parsed = parse_webvtt(body)
    assert parsed.rejected >= 0
    assert all(0 <= cue.start_ms <= cue.end_ms <= LONGEST_MS and cue.text.encode() for cue in parsed.cues)


def _stamp(milliseconds: int) -> str:
    seconds, part = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{part:03}"


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**5)), unique=True, max_size=20))
def test_whatever_is_written_is_read_back(times: list[tuple[int, int]]) -> None:
    cues = sorted(Cue(start, start + length, f"line {number}") for number, (start, length) in enumerate(times))
    blocks = [f"{_stamp(cue.start_ms)} --> {_stamp(cue.end_ms)}\n{cue.text}" for cue in cues]
    assert parse_webvtt("\n\n".join(["WEBVTT", *blocks]).encode()) == (tuple(cues), 0)
