"""Marking what was found."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.search.highlight import highlight, snippet
from videos.search.terms import Term

VOLCANO = (Term("volcano", is_prefix=True, nearest=("vulcano",)),)
WHOLE = (Term("ab", is_prefix=False, nearest=("b1",)),)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("A volcano.", "A <mark>volcano</mark>."),
        ("VOLCANOES", "<mark>VOLCANOES</mark>"),
        ("Vólčano 🎬", "<mark>Vólčano</mark> 🎬"),
        ("vulcano", "<mark>vulcano</mark>"),
        ("a supervolcano", "a supervolcano"),
        ("", ""),
        ("<script>volcano</script> & 'x'", "&lt;script&gt;<mark>volcano</mark>&lt;/script&gt; &amp; &#x27;x&#x27;"),
        ("&lt;volcano", "&amp;lt;<mark>volcano</mark>"),
    ],
)
def test_matching_words_are_marked_and_all_is_escaped(text: str, marked: str) -> None:
    assert highlight(text, VOLCANO) == marked


def test_a_whole_word_is_marked_only_where_it_is_whole() -> None:
    assert highlight("a about", (Term("a", is_prefix=False),)) == "<mark>a</mark> about"


@pytest.mark.django_db
def test_what_is_typed_is_understood_as_in_a_search() -> None:
    assert highlight("A red volcano", "VOLC | red") == "A <mark>red</mark> <mark>volcano</mark>"


def test_a_snippet_begins_before_the_first_match() -> None:
    text = f"{'before ' * 50}the volcano\n\n erupts {'after ' * 50}"
    cut = snippet(text, VOLCANO, 75)
    assert cut == f"…{'before ' * 8}the <mark>volcano</mark> erupts…"


def test_a_short_description_is_shown_whole() -> None:
    assert snippet("A\nvolcano <b>", VOLCANO) == "A <mark>volcano</mark> &lt;b&gt;"


def test_a_description_without_a_match_is_shown_from_its_beginning() -> None:
    assert snippet("nothing here at all", VOLCANO, 12) == "nothing here…"


@given(st.text(), st.integers(1, 50))
def test_any_text_is_escaped_and_never_longer_than_it_may_be(text: str, longest: int) -> None:
    cut = snippet(f"{text} volcano {text}", VOLCANO, longest)
    plain = re.sub("&[^;]*;", "x", cut.replace("<mark>", "").replace("</mark>", ""))
    assert "<" not in plain
    assert len(plain.removeprefix("…").removesuffix("…")) <= longest


@given(st.text("aAbB1_ .", max_size=40), st.sampled_from([VOLCANO, (Term("a", is_prefix=True),), WHOLE, ()]))
def test_plain_text_is_marked_as_any_other(text: str, terms: tuple[Term, ...]) -> None:
    assert highlight(text, terms) + " é" == highlight(f"{text} é", terms)


def test_a_word_that_is_too_long_is_marked_by_its_beginning() -> None:
    assert highlight("x" * 70, (Term("x" * 60, is_prefix=False),)) == f"<mark>{'x' * 70}</mark>"
