"""Marking what was found. It is done here and not in the database, so that it is the same on all of them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from django.utils.html import escape

from videos.search.terms import Term
from videos.search.tokens import LONGEST, spans
from videos.search.typed import understand

# How much of a description is shown before the first match.
LEAD = 60


def highlight(text: str, typed: str | tuple[Term, ...]) -> str:
    """The text as HTML, escaped, with <mark> around words that match.

    For several texts give what `understand` makes of `typed`: understanding asks the database.
    """
    terms = _terms(typed)
    pieces, end = [], 0
    for start, stop in _matches(text, terms):
        pieces += [escape(text[end:start]), "<mark>", escape(text[start:stop]), "</mark>"]
        end = stop
    return "".join([*pieces, escape(text[end:])])


def snippet(description: str, typed: str | tuple[Term, ...], longest: int = 200) -> str:
    """The part of a description around its first match, its beginning without one; escaped and marked on one line.

    At most `longest` characters of it, cut between words where it can be, with an ellipsis where it is cut.
    """
    terms = _terms(typed)
    text = " ".join(description.split())
    first = next(_matches(text, terms), (0, 0))[0]
    start = max(0, min(first - LEAD, len(text) - longest))
    if start and (space := text.find(" ", start - 1, first)) >= 0:
        start = space + 1
    end = min(start + longest, len(text))
    if end < len(text) and (space := text.rfind(" ", first, end + 1)) > first:
        end = space
    cut = highlight(text[start:end], terms)
    return f"{'…' if start else ''}{cut}{'…' if end < len(text) else ''}"


def _matches(text: str, terms: tuple[Term, ...]) -> Iterator[tuple[int, int]]:
    """Where words stand that match, from left to right."""
    if text.isascii() and terms:
        yield from (found.span() for found in _pattern(terms).finditer(text))
        return
    for start, end, words in spans(text):
        if any(term.matches(word) for term in terms for word in words):
            yield start, end


@lru_cache(maxsize=100)
def _pattern(terms: tuple[Term, ...]) -> re.Pattern[str]:
    """The same of ASCII alone, as most texts are, where a word is what `tokens.words` says: a tenth as slow."""
    whole = [word for term in terms for word in (term.word, *term.nearest)]
    # What is longer is cut: its end is not compared.
    begun = [term.word for term in terms if term.is_prefix] + [word for word in whole if len(word) == LONGEST]
    found = "|".join([*whole, *(f"{word}[a-z0-9]*" for word in begun)])
    return re.compile(rf"(?<![a-z0-9])(?:{found})(?![a-z0-9])", re.ASCII | re.IGNORECASE)


def _terms(typed: str | tuple[Term, ...]) -> tuple[Term, ...]:
    return understand(typed) if isinstance(typed, str) else typed
