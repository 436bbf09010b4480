"""Finding videos by words: what matches, and in which order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.postgres.search import SearchVectorField
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Value
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from nisam.freshness.models import Group
from nisam.freshness.touch import touch
from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.models import Category, Precision, SearchDocument, Tag, Video
from videos.orders import RELEVANCE
from videos.search import postgresql, query
from videos.search.index import index
from videos.search.learn import learn_words
from videos.search.query import search
from videos.search.terms import Term, channel_word
from videos.search.tokens import words

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 1, 20, tzinfo=UTC)


def add(external_id: str, title: str = "", **fields: Any) -> Video:
    ingest(make_channel(name="Nobody"), [make_entry(external_id, title=title or "untitled", **fields)])
    return Video.objects.get(external_id=external_id)


def found(text: str) -> list[str]:
    videos = search(Video.objects.in_catalogue(), text)
    best = videos.order_by(*RELEVANCE.names(videos))
    return list(best.values_list("external_id", flat=True))


def test_a_title_counts_more_than_a_tag_and_a_tag_more_than_a_description() -> None:
    add("described", description="about a volcano")
    add("tagged").tags.add(Tag.objects.create(name="Volcano"))
    add("titled", "A volcano")
    assert found("volcano") == ["titled", "tagged", "described"]


def test_the_very_word_counts_more_than_what_begins_with_it() -> None:
    add("exact", "A volcano")
    add("longer", "Some volcanoes")
    assert found("volcano") == ["exact", "longer"]


def test_of_two_that_are_as_good_the_newer_comes_first() -> None:
    for name, day in (("old", 1), ("new", 9), ("middle", 5)):
        moment = DAY + timedelta(days=day)
        add(name, "Volcano", published_at=moment, published_precision=Precision.EXACT)
    assert found("volcano") == ["new", "middle", "old"]


def test_every_word_must_match() -> None:
    add("both", "A red volcano")
    add("one", "A blue volcano")
    assert found("volcano red") == ["both"]


@pytest.mark.parametrize("typed", ["volc", "VOLC", "red volc", "volc r", "re vol"])
def test_words_find_what_begins_with_them(typed: str) -> None:
    add("a", "re red volcano")
    assert found(typed) == ["a"]


def test_a_short_word_finds_what_begins_with_it_only_while_it_is_the_last() -> None:
    add("a", "about volcanoes")
    assert found("volcanoes ab") == ["a"]
    assert found("ab volcanoes") == []


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Žluťoučký kůň", "zlutoucky kun"),
        ("zlutoucky kun", "ŽLUŤOUČKÝ"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Привет, Ёлка", "елка"),
        ("𝐁𝐨𝐥𝐝 claims", "bold"),
        ("हिन्दी की बात", "हिन्दी"),
        ("مُحَمَّد", "محمد"),
        ("日本語の動画", "日本"),
        ("한국어 영상", "한국"),
    ],
)
def test_capitals_and_accents_do_not_matter_in_any_script(title: str, typed: str) -> None:
    add("a", title)
    assert found(typed) == ["a"]


def test_a_vowel_sign_and_a_voiced_consonant_are_no_accents() -> None:
    add("a", "की が")
    assert found("कि") == found("か") == []


@pytest.mark.parametrize("typed", ["", " ", "!!!", "🎬", "_", "' | & ! : * ( ) \" ^ -"])
def test_text_without_a_word_finds_nothing(typed: str) -> None:
    add("a", "A volcano 🎬")
    assert found(typed) == []


@pytest.mark.parametrize("beside", [{}, {"kind": "video"}, {"sort": "views"}])
def test_a_list_in_which_no_word_is_searched_for_is_empty(beside: dict[str, str], client: Client) -> None:
    add("a", "A volcano")
    answer = client.get("/api/videos", {"search": "!!!", "count": "true", **beside})
    assert (answer.json(), answer.headers["X-Total-Count"]) == ([], "0")


@pytest.mark.parametrize(
    "typed",
    ["volcano | zebra", "volcano OR zebra", "volcano NOT zebra", "zebra:*", "volcano' || 'x", '"zebra"*', "title:zebra",
     "NEAR(zebra)", "!zebra", "volcano\\", "zebra -- ", "%s", "{zebra}", "zebra\x00"],
)  # fmt: skip
def test_no_operator_of_a_database_is_one_here(typed: str) -> None:
    add("a", "volcano")
    assert found(typed) == (["a"] if typed == "volcano\\" else [])


def test_very_long_text_is_no_error() -> None:
    add("a", "volcano")
    assert found("volcano " * 2000) == ["a"]
    assert found("x" * 10_000) == []


class TestAnyText(TestCase):
    @given(st.text())
    def test_no_text_raises(self, typed: str) -> None:
        assert list(search(Video.objects.all(), typed)) == []

    @given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60))
    def test_every_title_is_found_by_itself(self, title: str) -> None:
        channel = make_channel(name="Nobody")
        ingest(channel, [make_entry("a", title=title)])
        assert found(title) == (["a"] if words(title) else [])


def test_only_the_newest_matches_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "NEWEST", 2)
    monkeypatch.setattr(query, "ENOUGH", 2)
    for day in range(4):
        moment = DAY + timedelta(days=day)
        add(f"day {day}", "volcano", published_at=moment, published_precision=Precision.EXACT)
    assert found("volcano") == ["day 3", "day 2"]


def test_what_begins_with_a_word_is_not_looked_for_where_enough_have_the_very_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(query, "ENOUGH", 2)
    add("exact", "volcano")
    add("longer", "volcanoes")
    assert found("volcano") == ["exact", "longer"]
    add("exact too", "volcano")
    assert set(found("volcano")) == {"exact", "exact too"}


def test_the_very_word_is_found_among_newer_ones_that_begin_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MORE", 1)
    add("exact", "volcano", published_at=DAY, published_precision=Precision.EXACT)
    add("longer", "volcanoes", published_at=DAY + timedelta(days=1), published_precision=Precision.EXACT)
    assert found("volcano") == ["exact", "longer"]


def test_the_newest_are_those_of_the_videos_that_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MORE", 1)
    old = add("old", "volcano", published_at=DAY, published_precision=Precision.EXACT)
    add("new", "volcano", published_at=DAY + timedelta(days=1), published_precision=Precision.EXACT)
    assert search(Video.objects.filter(channel=old.channel), "volcano").get() == old


@pytest.mark.skipif(connection.vendor != "postgresql", reason="how PostgreSQL is asked")
def test_a_common_beginning_beside_a_rare_word_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    titles = {"both": "redder volcanoes", "rare": "red", "very": "red volcano"}
    for name, title in (titles | dict.fromkeys("cdefg", "volcanoes")).items():
        add(name, title)
    learn_words(everything=True)
    before = found("red volcano")
    monkeypatch.setattr(postgresql, "_COMMON", 1)
    monkeypatch.setattr(postgresql, "_TIMES", 2)
    assert "ts_match_vq" in str(search(Video.objects.all(), "red volcano").query)
    assert found("red volcano") == before == ["very", "both"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="how PostgreSQL is asked")
def test_only_what_is_known_to_be_frequent_is_common() -> None:
    rare, common, unknown = Term("red", True, seen=5), Term("volcano", True, seen=20_000), Term("2026", True)
    shapes = [postgresql.shape_of(terms) for terms in ((rare, common), (common,), (common, unknown), (rare, unknown))]
    assert [shape.has_common for shape in shapes] == [True, False, False, False]


def test_a_search_in_a_channel_finds_its_own_videos_alone(client: Client) -> None:
    video = add("a", "volcano")
    ingest(make_channel(name="Another"), [make_entry("b", title="volcano")])
    rows = client.get("/api/videos", {"search": "volcano", "channelId": str(video.channel_id)}).json()
    assert [row["id"] for row in rows] == [str(video.pk)]


def test_the_word_of_a_channel_cannot_be_typed() -> None:
    video = add("a", "volcano")
    assert found(channel_word(video.channel_id)) == found(video.channel_id.hex) == []


@pytest.mark.django_db(transaction=True)
def test_documents_of_before_are_told_their_channel(client: Client) -> None:
    video = add("a", "volcano")
    asked = {"search": "volcano", "channelId": str(video.channel_id)}
    call_command("migrate", "videos", "0007", verbosity=0)
    try:
        if connection.vendor == "postgresql":
            SearchDocument.objects.update(vector=Value("'volcano':1A", output_field=SearchVectorField()))
        else:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE videos_searchtext SET names = 'nobody'")
        assert client.get("/api/videos", asked).json() == []
    finally:
        call_command("migrate", verbosity=0)
    with transaction.atomic():
        touch(Group.VIDEOS)
    assert [row["id"] for row in client.get("/api/videos", asked).json()] == [str(video.pk)]


def test_ranks_are_the_same_on_every_database() -> None:
    add("a", "Piano tutorial", description="pianos and a piano")
    add("b", "Dog", description="a piano")
    add("c", "pianos").tags.add(Tag.objects.create(name="piano"))
    ranks = {video.external_id: round(video.rank, 4) for video in search(Video.objects.all(), "pia")}  # type: ignore[attr-defined]
    assert ranks == {"a": 0.6079, "b": 0.0, "c": 0.8511}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's plans")
def test_a_rare_word_is_found_by_the_index() -> None:
    ingest(make_channel(), [make_entry(f"v{number}", title=f"Number {number}") for number in range(3000)])
    add("a", "volcano")
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('searchdocument_words')")
        cursor.execute("ANALYZE videos_video, videos_searchdocument")
    assert "searchdocument_words" in search(Video.objects.in_catalogue(), "volcano").explain()


class TestFoundAtOnce:
    def test_a_new_video_by_all_that_another_look_at_it_would_find(self) -> None:
        entries = [make_entry("a", description="é " * 4000), make_entry("b", title="", published_at=None)]
        ingest(make_channel(), entries)
        assert index(list(Video.objects.values_list("pk", flat=True))) == 0

    def test_a_new_title(self) -> None:
        channel = make_channel()
        ingest(channel, [make_entry("a", title="Before")])
        ingest(channel, [make_entry("a", title="After")])
        assert (found("before"), found("after")) == ([], ["a"])

    def test_an_edited_title_and_the_platforms_again(self) -> None:
        video = add("a", "Theirs")
        video.edit(title="Ours")
        assert (found("theirs"), found("ours")) == ([], ["a"])
        Video.objects.get().give_back()
        assert (found("theirs"), found("ours")) == (["a"], [])

    def test_a_better_date(self) -> None:
        channel = make_channel()
        ingest(channel, [make_entry("a")])
        ingest(channel, [make_entry("a", published_at=DAY, published_precision=Precision.EXACT)])
        assert SearchDocument.objects.get().published_at == DAY

    @pytest.mark.parametrize("model", [Tag, Category])
    def test_a_tag_or_category_that_comes_is_renamed_and_goes(self, model: Any) -> None:
        video = add("a")
        row = model.of_name("Geology")
        row.save()
        row.videos.add(video)
        assert found("geology") == ["a"]
        row.name = "Biology"
        row.save()
        assert (found("geology"), found("biology")) == ([], ["a"])
        row.delete()
        assert found("biology") == []

    def test_a_tag_that_is_taken_away_from_either_side(self) -> None:
        video, tag = add("a"), Tag.objects.create(name="Geology")
        video.tags.set([tag])
        video.tags.clear()
        assert found("geology") == []
        tag.videos.add(video)
        tag.videos.clear()
        assert found("geology") == []

    def test_a_channels_new_name(self) -> None:
        video = add("a")
        video.channel.edit(name="Kurzgesagt")
        assert (found("nobody"), found("kurz")) == ([], ["a"])

    def test_a_deleted_and_a_restored_video(self) -> None:
        add("a", "volcano")
        Video.objects.all().tombstone()
        assert found("volcano") == []
        Video.objects.all().restore()
        assert found("volcano") == ["a"]

    def test_nothing_that_was_rolled_back(self) -> None:
        def fail() -> None:
            with transaction.atomic():
                add("a", "volcano")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert found("volcano") == []


def test_a_deleted_channel_leaves_no_words() -> None:
    video = add("a", "volcano")
    video.channel.delete()
    assert not SearchDocument.objects.exists()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM videos_searchtext")
            assert cursor.fetchone() == (0,)
