"""What a word is, for documents, for what is typed and for what is marked: so both databases find the same.

A word is letters, digits and the marks that belong to them, without capitals and accents. The databases get words that
are ready, and none of their own rules about words (parsers, dictionaries, locales, versions of Unicode) count.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

LONGEST = 60  # letters; what is longer is cut, and no word that anybody types
# Letters with strokes and joined letters, which Unicode does not take apart.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"}
)
_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_ASCII_WORD = re.compile(r"[a-z0-9]+")


def words(text: str) -> list[str]:
    """The words of a text, in their order."""
    if text.isascii():
        return [word[:LONGEST] for word in _ASCII_WORD.findall(text.lower())]
    return [part for word in _WORD.findall(text) for part in fold(word)]


def spans(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where words stand in a text as it is (start, end), and what `words` makes of each: mostly one."""
    return ((found.start(), found.end(), fold(found.group())) for found in _WORD.finditer(text))


@lru_cache(maxsize=50_000)
def fold(word: str) -> tuple[str, ...]:
    """A word of a text without capitals and accents; several where a character stands for several words (½)."""
    if word.isascii():
        return (word.lower()[:LONGEST],)
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    kept = "".join(character for character in apart if not _is_accent(character)).translate(_PLAIN)
    return tuple(part[:LONGEST] for part in _WORD.findall(unicodedata.normalize("NFC", kept)))


def _is_accent(character: str) -> bool:
    """Whether a mark only changes how a letter sounds: Latin, Greek and Cyrillic accents, Hebrew and Arabic points.

    By canonical combining class (Unicode Standard Annex 44). Vowels of Indic scripts and of Thai, and what tells が
    from か, have other classes and are part of the word.
    """
    combining = unicodedata.combining(character)
    return combining >= 200 or 10 <= combining <= 36 or "\ufe00" <= character <= "\ufe0f"  # noqa: PLR2004 - the annex's
