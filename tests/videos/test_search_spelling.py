"""Mistyped words, and how their nearest ones are learned."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from nisam.freshness.models import Group
from nisam.freshness.touch import touches
from tests.builders import make_channel, make_entry
from videos.ingest import ingest
from videos.management.commands import index_search
from videos.models import Precision, SearchDocument, SearchWord, Tag, Video
from videos.search.learn import learn_words
from videos.search.query import search
from videos.search.typed import understand
from videos.search.words import nearest

pytestmark = pytest.mark.django_db


def add(external_id: str, title: str, **fields: Any) -> None:
    ingest(make_channel(name="Nobody"), [make_entry(external_id, title=title, **fields)])


def know(*titles: str) -> None:
    for number, title in enumerate(titles):
        add(f"known {number}", title)
    learn_words(everything=True)


def found(text: str) -> list[str]:
    return list(search(Video.objects.in_catalogue(), text).values_list("title", flat=True))


@pytest.mark.parametrize(
    "typed", ["volcao", "volccano", "volcamo", "vlocano", "volcaon", "volacno", "Volcáo", "olcano", "bolcano"]
)
def test_a_word_with_one_mistake_finds_what_was_meant(typed: str) -> None:
    know("volcano")
    assert found(typed) == ["volcano"]


@pytest.mark.parametrize("typed", ["mathamatiks", "mathmatcs", "mtahemtaics", "matehmatics", "matthematicss"])
def test_a_long_word_may_have_two_mistakes(typed: str) -> None:
    know("mathematics")
    assert found(typed) == ["mathematics"]


@pytest.mark.parametrize(
    ("known", "typed"), [("cat", "cut"), ("piano", "paoni"), ("rocket2", "racket2"), ("2024", "2025")]
)
def test_short_words_numbers_and_words_too_far_are_left_as_they_are(known: str, typed: str) -> None:
    know(known)
    assert found(typed) == []


def test_every_mistake_in_a_short_word_finds_it() -> None:
    know("pain")
    typos = ("pian", "apin", "pani", "ppain", "paint", "pan", "xain", "paix", "pxin")
    assert {typo: nearest(typo) for typo in typos} == dict.fromkeys(typos, ("pain",))


def test_a_word_that_is_known_or_begins_a_known_one_is_not_changed() -> None:
    know("form farm", "farmer")
    assert [term.nearest for term in understand("form farme")] == [(), ()]


def test_the_nearest_words_are_those_seen_most() -> None:
    know("house", "mouse", "mouse again", "horse")
    assert nearest("vouse") == ("mouse", "house")


def test_a_word_that_is_not_learned_yet_still_finds_itself() -> None:
    know("volcano")
    add("new", "volcana")
    assert set(found("volcana")) == {"volcano", "volcana"}


def test_a_round_learns_what_was_there_before_the_last_one() -> None:
    add("a", "volcano")
    assert learn_words() == 0
    add("b", "mountain")
    assert learn_words() == 1
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"volcano", "nobody"}
    assert (learn_words(), learn_words()) == (1, 0)


def test_words_of_tags_and_channels_are_learned_and_those_of_descriptions_are_not() -> None:
    add("a", "title", description="description")
    Video.objects.get().tags.add(Tag.objects.create(name="keyword"))
    learn_words(everything=True)
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"title", "keyword", "nobody"}


def test_learning_makes_searches_new_and_learning_nothing_does_not() -> None:
    add("a", "volcano")
    with transaction.atomic():
        connection.run_on_commit.clear()
        learn_words(everything=True)
        assert [touch.groups for touch in touches(connection)] == [{Group.VIDEOS}]
        connection.run_on_commit.clear()
        learn_words(everything=True)
        assert touches(connection) == []


def test_the_command_writes_what_lacks_and_learns_it() -> None:
    add("a", "volcano")
    SearchDocument.objects.all().delete()
    call_command("index_search", verbosity=0)
    assert found("volcaon") == ["volcano"]
    written = SearchDocument.objects.get().pk
    call_command("index_search", verbosity=0)
    assert SearchDocument.objects.get().pk == written


def test_the_command_reaches_every_video_deleted_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_search, "AT_ONCE", 2)
    same_date = {"published_at": datetime(2026, 1, 20, tzinfo=UTC), "published_precision": Precision.EXACT}
    for number in range(5):
        add(f"same {number}", "volcano", **same_date)
        add(f"other {number}", "volcano")
    Video.objects.filter(external_id__endswith="3").tombstone()
    SearchDocument.objects.all().delete()
    call_command("index_search", verbosity=0)
    assert SearchDocument.objects.count() == 10


def test_ranks_of_nearest_words_are_the_same_on_every_database() -> None:
    know("volcano", "a volcanoes")
    ranks = {video.title: round(video.rank, 4) for video in search(Video.objects.all(), "volcao")}  # type: ignore[attr-defined]
    assert ranks == {"volcano": 0.6079}
