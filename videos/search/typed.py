"""Understanding what is typed: nothing in it is an operator, and nothing of it reaches a database as syntax."""

from videos.search.terms import Term
from videos.search.tokens import words
from videos.search.words import corrections, frequencies

# Further words are not looked at: nobody types them, and each costs.
MOST_WORDS = 16
# Letters from which on a word also finds what begins with it: “video” finds “videos”, “a” does not find “about”.
SHORTEST_BEGINNING = 3


def understand(typed: str) -> tuple[Term, ...]:
    """A term for each distinct word; empty when there is no word in the text. One statement, more for mistyped words.

    The last word may be unfinished: it finds what begins with it whatever its length. A word that begins no known word
    also finds the nearest known ones, beside itself: it may stand in a description, or in a video that is only minutes
    old, whose words are not learned yet.
    """
    found = list(dict.fromkeys(words(typed)))[:MOST_WORDS]
    seen = frequencies(found)
    nearest = corrections(word for word in found if not seen[word])
    last = len(found) - 1
    return tuple(
        Term(word, place == last or len(word) >= SHORTEST_BEGINNING, nearest.get(word, ()), seen[word])
        for place, word in enumerate(found)
    )
