"""What somebody looks for, understood: a term for each word."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Term:
    """A word of a document matches that is `word`, begins with it where `is_prefix`, or is one of the `nearest`.

    The nearest of a mistyped word never stand for what begins with them: PostgreSQL takes every beginning for
    frequent, and several of them together for so frequent that it would look through all documents. `seen` tells in how
    many documents the word or what begins with it stands, roughly; 0 if that is not known.
    """

    word: str
    is_prefix: bool
    nearest: tuple[str, ...] = ()
    seen: int = 0

    def matches(self, word: str) -> bool:
        """Whether a word of a document is meant."""
        return word == self.word or word in self.nearest or (self.is_prefix and word.startswith(self.word))


@dataclass(frozen=True)
class Weights:
    """What a word is worth by where it stands."""

    title: float = 1.0
    names: float = 0.4
    description: float = 0.1


def channel_word(channel_id: UUID | str) -> str:
    """The word of a channel's documents, by its id or the hexadecimal digits of that.

    Nobody can type it: no word has an arrow.
    """
    return f"→{channel_id.hex if isinstance(channel_id, UUID) else channel_id}"
