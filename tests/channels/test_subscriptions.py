"""Bringing subscriptions as a list and taking them along."""

import csv
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from channels.addresses import parse_address
from channels.exchange_formats import MAX_BYTES, MAX_ROWS, ListError, decoded, read_list
from channels.models import Channel
from channels.subscription_export import export
from channels.subscriptions import Row, Verdict, follow_all, preview
from tests.builders import make_channel, make_entry, make_recorded_channel
from videos.ingest import ingest

pytestmark = pytest.mark.django_db(transaction=True)

VERITASIUM, VSAUCE = "UCHnyfMqiRRG1u-2MsSQLbXA", "UC6nSFpj9HTCZ5t-N3Rm3-HA"
PEERTUBE = "https://framatube.org/video-channels/lqdn_channel"
PASTED = f"# mine\n\n@kurzgesagt\n{VERITASIUM}, Veritasium\n{PEERTUBE}\tLa Quadrature, du Net\n"
OPML = f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>Mine</title></head><body><outline text="YouTube"><outline text="Science">
<outline text="Veritasium" type="rss" xmlUrl="https://www.youtube.com/feeds/videos.xml?channel_id={VERITASIUM}"/>
</outline></outline>
<outline title="La Quadrature" xmlUrl="https://framatube.org/feeds/videos.xml?videoChannelId=9" htmlUrl="{PEERTUBE}"/>
<outline text="Vsauce" htmlUrl="https://www.youtube.com/user/Vsauce"/></body></opml>"""
TAKEOUT = (
    "\ufeffKanal-ID,Kanal-URL,Kanaltitel\r\n"
    f'{VERITASIUM},http://www.youtube.com/channel/{VERITASIUM},"Veritasium, ""the"" channel"\r\n'
    f"{VSAUCE},http://www.youtube.com/channel/{VSAUCE},Vsauce\r\n"
)
NEWPIPE = json.dumps(
    {
        "app_version": "0.27.0",
        "app_version_int": 997,
        "subscriptions": [
            {"service_id": 0, "url": f"https://www.youtube.com/channel/{VERITASIUM}", "name": "Veritasium"},
            {"service_id": 3, "url": PEERTUBE, "name": "La Quadrature"},
        ],
    }
)
LAUGHS = """<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<opml version="2.0"><body><outline text="&b;" xmlUrl="https://example.com/feed"/></body></opml>"""
FILE_OF_THE_MACHINE = """<!DOCTYPE opml [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<opml><body><outline text="&f;" xmlUrl="https://example.com/feed"/></body></opml>"""


def brief(text: str) -> list[tuple[str, str]]:
    """(verdict, name) of each row."""
    return [(row.verdict.value, row.name) for row in preview(text)]


def keys(text: str) -> list[str]:
    """The keys of the addresses in a list."""
    return [row.address.key for row in preview(text) if row.address]


def test_pasted_lines_are_read_with_their_names_and_places() -> None:
    assert [(row.position, row.address, row.name) for row in read_list(PASTED)] == [
        (3, "@kurzgesagt", ""),
        (4, VERITASIUM, "Veritasium"),
        (5, PEERTUBE, "La Quadrature, du Net"),
    ]


def test_opml_is_read_through_its_folders_and_a_youtube_feed_is_its_channel() -> None:
    assert keys(OPML) == [
        f"youtube:{VERITASIUM}",
        "framatube.org/feeds/videos.xml?videoChannelId=9",
        "youtube:user/vsauce",
    ]
    assert [name for _, name in brief(OPML)] == ["Veritasium", "La Quadrature", "Vsauce"]


def test_takeout_is_read_whatever_the_language_of_its_header() -> None:
    assert brief(TAKEOUT) == [("new", 'Veritasium, "the" channel'), ("new", "Vsauce")]
    assert keys(TAKEOUT) == [f"youtube:{VERITASIUM}", f"youtube:{VSAUCE}"]


def test_newpipes_subscriptions_are_read() -> None:
    assert keys(NEWPIPE) == [f"youtube:{VERITASIUM}", parse_address(PEERTUBE).key]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_may_carry_a_byte_order_mark(encoding: str) -> None:
    assert read_list(decoded(OPML.replace("UTF-8", encoding).encode(encoding)))[0].name == "Veritasium"


def test_each_row_gets_its_verdict() -> None:
    known = make_recorded_channel(VERITASIUM)
    text = f"@new\n{VERITASIUM}\nyoutube.com/@NEW/videos\nnonsense\nhttps://youtu.be/D0WQK7cMJn8\nhttp://10.0.0.1/x"
    rows = preview(text)
    assert [row.verdict.value for row in rows] == ["new", "known", "duplicate", "invalid", "invalid", "invalid"]
    assert rows[1].channel == known
    assert [row.reason for row in rows[2:5]] == [
        "The same as 1 in this list.",
        "“nonsense” is not an address.",
        "This is one video, not a channel.",
    ]
    assert "private network" in rows[5].reason


def test_a_preview_takes_one_statement_whatever_its_length(django_assert_num_queries: Callable[..., Any]) -> None:
    for text in ("@one", "\n".join(f"@channel{number}" for number in range(2000))):
        with django_assert_num_queries(1):
            preview(text)


def test_following_makes_channels_that_are_looked_up_one_after_another() -> None:
    before = timezone.now()
    assert len(follow_all(preview(PASTED))) == 3
    made = list(Channel.objects.order_by("resolve_at"))
    assert [channel.name for channel in made] == ["youtube.com/@kurzgesagt", "Veritasium", "La Quadrature, du Net"]
    assert len({channel.slug for channel in made}) == 3
    moments = [channel.resolve_at for channel in made if channel.resolve_at]
    assert before <= moments[0] < moments[1] < moments[2]
    assert list(Channel.objects.to_resolve(timezone.now())) == made[:1]


def test_a_second_import_adds_nothing() -> None:
    rows = preview(PASTED)
    follow_all(rows)
    assert {row.verdict for row in preview(PASTED)} == {Verdict.KNOWN}
    assert follow_all(rows) == follow_all(preview(PASTED)) == []
    assert Channel.objects.count() == 3


def test_imports_that_race_add_each_channel_once() -> None:
    rows = preview("\n".join(f"@channel{number}" for number in range(50)))

    def race(mine: list[Row]) -> int:
        try:
            return len(follow_all(mine))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(race, [rows, rows[::-1]])) == 50
    assert Channel.objects.count() == 50


@pytest.mark.parametrize("format_name", ["opml", "csv"])
def test_what_is_exported_is_known_when_it_is_imported_again(format_name: str) -> None:
    make_recorded_channel(VSAUCE)
    follow_all(preview(PASTED))
    Channel.objects.filter(url=PEERTUBE).update(feed_url="https://framatube.org/feeds/videos.xml?videoChannelId=9")
    assert {row.verdict for row in preview(export(format_name))} == {Verdict.KNOWN}


@pytest.mark.parametrize("format_name", ["opml", "csv"])
def test_an_export_takes_one_statement(format_name: str, django_assert_num_queries: Callable[..., Any]) -> None:
    for _ in range(5):
        make_channel()
    with django_assert_num_queries(1):
        export(format_name)


def test_opml_names_a_youtube_channels_feed_and_escapes_its_name() -> None:
    channel = make_channel(name='<&"> \x01 🦆')
    (outline,) = fromstring(export("opml")).iter("outline")
    assert outline.get("text") == '<&"> \ufffd 🦆'
    assert outline.get("xmlUrl") == f"https://www.youtube.com/feeds/videos.xml?channel_id={channel.external_id}"
    assert outline.get("htmlUrl") == channel.url


def test_csv_has_a_row_of_facts_for_each_channel() -> None:
    channel = make_channel(name="A, B", handle="@ab", is_active=False, interval_minutes=30)
    ingest(channel, [make_entry(), make_entry()])
    (row,) = csv.DictReader(io.StringIO(export("csv")))
    assert row == {
        "name": "A, B", "url": channel.url, "platform": "youtube", "external_id": channel.external_id,
        "handle": "'@ab", "followed": "no", "interval_minutes": "30", "videos": "2",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_no_cell_of_the_csv_is_a_formula_and_the_name_comes_back(name: str) -> None:
    make_channel(name=name)
    written = export("csv")
    assert f"\r\n'{name}," in written
    assert read_list(written)[0].name == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no channels"),
        (" \n# nothing\n", "no channels"),
        ("<opml version='2.0'><body><outline text='folder'/></body></opml>", "no channels"),
        (OPML[:400], "half there"),
        ("<html><body>hello</body></html>", "not OPML"),
        (LAUGHS, "declares entities"),
        (FILE_OF_THE_MACHINE, "declares entities"),
        ("<a>" * 100_000, "half there"),
        (NEWPIPE[:150], "half there"),
        ("[" * 100_000, "half there"),
        ('{"subscriptions": 9}', "no list of"),
        ("[]", "no list of"),
        (f'{TAKEOUT}{VSAUCE},"{"x" * 200_000}', "CSV cannot be read"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_refused_and_told_what_is_accepted(text: str, words: str) -> None:
    with pytest.raises(ListError, match=f"{words}.*Accepted are"):
        preview(text)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00\xff", b"\xff\xfe\x00", "Kanäle".encode("latin-1")])
def test_a_file_that_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ListError, match="not text"):
        decoded(data)


def test_a_list_that_is_too_large_is_refused() -> None:
    with pytest.raises(ListError, match="too large"):
        decoded(b"a" * (MAX_BYTES + 1))
    with pytest.raises(ListError, match="too large"):
        read_list("ä" * (MAX_BYTES // 2 + 1))


def test_a_list_that_is_too_long_is_refused() -> None:
    rows = [f"@channel{number}" for number in range(MAX_ROWS + 1)]
    assert len(read_list("\n".join(rows[:-1]))) == MAX_ROWS
    with pytest.raises(ListError, match="too long"):
        read_list("\n".join(rows))


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "@\x00handle",
        "🦆🦆🦆",
        "\u202e@olleh, \u202eemaN",
        "قناة",
        "https://exa\u2028mple.com/x",
        "https://example.com/\x1b[31m",
        f"https://example.com/{'x' * 499}",
        f"example.com/{'x' * 488}",
        json.dumps({"subscriptions": [None, 7, [], {}, {"url": None}, {"url": ["@a"]}, {"url": "https://a.b/\ud800"}]}),
        TAKEOUT[: TAKEOUT.index(VSAUCE) + 9],
        "name,url,platform,external_id,handle,followed,interval_minutes,videos\n=1\n,,,,,,,,,\n",
    ],
)
def test_odd_rows_are_invalid_one_by_one_in_words(text: str) -> None:
    rows = preview(text)
    bad = [row for row in rows if row.verdict == Verdict.INVALID]
    assert bad
    assert all(row.reason and row.typed.encode() is not None for row in bad)
    assert len(follow_all(rows)) == len(rows) - len(bad)


def test_odd_names_are_stored_without_what_no_database_takes() -> None:
    text = json.dumps({"subscriptions": [{"url": "@odd", "name": f"🦆 \x00\ud800 {'é' * 400}\n"}]})
    (channel,) = follow_all(preview(text))
    channel.refresh_from_db()
    assert channel.name.startswith("🦆 \ufffd\ufffd éé")
    assert len(channel.name) == 300


def run(command: str, *arguments: str) -> str:
    """What a command prints."""
    printed = io.StringIO()
    call_command(command, *arguments, stdout=printed)
    return printed.getvalue()


@pytest.fixture
def listed(tmp_path: Path) -> str:
    """A file with two channels, one of them twice, and a line that is none."""
    path = tmp_path / "list.txt"
    path.write_text("@one\n@two\nnonsense\n@one\n")
    return str(path)


def test_the_command_follows_a_file_and_says_what_is_wrong_in_it(listed: str) -> None:
    printed = run("import_channels", listed)
    assert "3: nonsense: “nonsense” is not an address." in printed
    assert "2 followed, 0 known, 1 duplicate, 1 invalid" in printed
    assert "0 followed, 2 known, 1 duplicate, 1 invalid" in run("import_channels", listed)


def test_a_dry_run_follows_nothing(listed: str) -> None:
    assert "2 new, 0 known, 1 duplicate, 1 invalid" in run("import_channels", listed, "--dry-run")
    assert not Channel.objects.exists()


def test_the_command_reads_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TAKEOUT.encode())))
    assert json.loads(run("import_channels", "-", "--json"))["followed"] == 2


@pytest.mark.parametrize("content", ["", "nonsense", "<opml>", "\x00"])
def test_a_file_without_a_channel_is_bad_input(content: str, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(content)
    with pytest.raises(CommandError) as refused:
        run("import_channels", str(tmp_path / "list"))
    assert refused.value.returncode == 2


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file") as refused:
        run("import_channels", str(tmp_path / "nothing"))
    assert refused.value.returncode == 2


def test_the_export_goes_to_a_file_or_to_the_standard_output(tmp_path: Path) -> None:
    make_recorded_channel(VSAUCE)
    run("export_channels", "--format", "csv", "--output", str(tmp_path / "mine.csv"))
    assert "0 followed, 1 known" in run("import_channels", str(tmp_path / "mine.csv"))
    assert VSAUCE in run("export_channels")


def test_an_export_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written") as refused:
        run("export_channels", "--output", str(tmp_path))
    assert refused.value.returncode == 2
