"""What somebody looks for, understood: a term for each word."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A word of a document matches that is one of `words`, or begins with one where `is_prefix`."""

    words: tuple[str, ...]
    is_prefix: bool

    def matches(self, word: str) -> bool:
        """Whether a word of a document is meant."""
        return word in self.words or (self.is_prefix and word.startswith(self.words))


@dataclass(frozen=True)
class Weights:
    """What a word is worth by where it stands."""

    title: float = 1.0
    names: float = 0.4
    description: float = 0.1
