"""Words and their frequencies: a few are everywhere, most are rare."""

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")

_ONSETS: tuple[str, ...] = (
    *"bcdfghjklmnprstvwz",
    *("bl", "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "pl", "pr", "qu", "sh", "sk", "sl", "sp", "st", "tr"),
)
_VOWELS: tuple[str, ...] = (*"aeiou", *"aeiou", *"aeiou", "ai", "au", "ea", "ee", "ie", "io", "oa", "oo", "ou")
_CODAS: tuple[str, ...] = (
    *[""] * 30,
    *"bdglmnprstx",
    *("ck", "ft", "ll", "mp", "nd", "ng", "nt", "rd", "rk", "rn", "sh", "st", "th"),
)
_WORDS_OF_ONE_SYLLABLE = 500
_LONGER = 0.2


class Zipf(Generic[Item]):
    """Draws items of which the first are the most popular, with a weight of 1 / (rank + offset) ** exponent.

    The law of Zipf with Mandelbrot's offset, which keeps the first ones from being in everything.
    """

    def __init__(self, items: Sequence[Item], *, exponent: float, offset: float) -> None:
        self.items = items
        self._weights = list(accumulate((rank + offset) ** -exponent for rank in range(1, len(items) + 1)))

    def draw(self, random: Random, number: int) -> list[Item]:
        """So many items, some perhaps more than once."""
        return random.choices(self.items, cum_weights=self._weights, k=number)


def vocabulary(random: Random, size: int) -> list[str]:
    """So many different words that can be spoken; short ones come first, as in a language."""
    words: dict[str, None] = {}
    while len(words) < size:
        syllables = 1 + (len(words) >= _WORDS_OF_ONE_SYLLABLE) + (random.random() < _LONGER)
        words["".join(_syllable(random) for _ in range(syllables))] = None
    return list(words)


def _syllable(random: Random) -> str:
    return random.choice(_ONSETS) + random.choice(_VOWELS) + random.choice(_CODAS)


def names(random: Random, words: Zipf[str], number: int) -> list[str]:
    """So many different names of one to three words."""
    found: dict[str, None] = {}
    while len(found) < number:
        found[" ".join(words.draw(random, random.choice((1, 1, 2, 2, 3))))] = None
    return list(found)
