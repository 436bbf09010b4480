"""What a CREATE TABLE says and no PRAGMA tells: CHECK, COLLATE, generated columns, ON CONFLICT, deferred keys.

SQLite's grammar makes this simple: CHECK, COLLATE, AS, REFERENCES and their like are reserved, so outside of
parentheses and quotes they are always the constraint. Constraints need no comma between them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from dbadmin.schema.tokens import Token, bare, group_end, inside, normalize, split, tokenize

_TABLE_CONSTRAINT = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")


@dataclass
class Definition:
    """The parts of one CREATE TABLE, expressions normalized, columns by name in lower case."""

    checks: set[str] = field(default_factory=set)
    collations: dict[str, str] = field(default_factory=dict)
    expressions: dict[str, str] = field(default_factory=dict)
    conflicts: set[str] = field(default_factory=set)
    deferred: list[bool] = field(default_factory=list)
    """For each foreign key in the order of the text: whether it is checked at the end of the transaction."""
    autoincrement: bool = False
    without_rowid: bool = False
    strict: bool = False


def read_definition(sql: str, names: Collection[str]) -> Definition:
    """Take a stored CREATE TABLE apart; `names` are its columns. Raises SqlError."""
    tokens = tokenize(sql)
    start = next((place for place, token in enumerate(tokens) if token.is_operator("(")), len(tokens))
    end = group_end(tokens, start) if start < len(tokens) else start
    found = Definition(
        autoincrement=any(token.is_word("AUTOINCREMENT") for token in tokens[:end]),
        without_rowid=any(token.is_word("WITHOUT") for token in tokens[end:]),
        strict=any(token.is_word("STRICT") for token in tokens[end:]),
    )
    for part in split(tokens[start + 1 : end]):
        _Part(found, part, names).read()
    return found


class _Part:
    """One column or table constraint, with whatever constraints follow it without a comma."""

    def __init__(self, found: Definition, tokens: Sequence[Token], names: Collection[str]) -> None:
        self.found = found
        self.tokens = tokens
        self.names = names
        self.column = tokens[0].name if tokens and not tokens[0].is_word(*_TABLE_CONSTRAINT) else ""
        # What an ON CONFLICT or DEFERRABLE that follows belongs to.
        self.constraint = ""
        self.read_of = {
            "CHECK": self._check,
            "COLLATE": self._collate,
            "AS": self._generated,
            "NOT": self._not_null,
            "PRIMARY": self._unique,
            "UNIQUE": self._unique,
            "REFERENCES": self._references,
            "DEFERRABLE": self._deferrable,
            "ON": self._on,
        }

    def read(self) -> None:
        """Note every constraint of the part."""
        place = 1 if self.column else 0
        while place < len(self.tokens):
            token = self.tokens[place]
            if token.is_operator("("):
                place = group_end(self.tokens, place)
            elif token.is_word(*self.read_of):
                self.read_of[token.text.upper()](place)
            place += 1

    def _expression(self, start: int) -> str:
        return normalize(bare(inside(self.tokens, start)), self.names)

    def _check(self, place: int) -> None:
        self.constraint = ""
        self.found.checks.add(self._expression(place + 1))

    def _collate(self, place: int) -> None:
        self.found.collations[self.column] = self.tokens[place + 1].content.upper()

    def _generated(self, place: int) -> None:
        self.found.expressions[self.column] = self._expression(place + 1)

    def _not_null(self, place: int) -> None:
        if self.tokens[place + 1].is_word("NULL"):
            self.constraint = f"not null ({self.column})"

    def _unique(self, place: int) -> None:
        kind = "primary key" if self.tokens[place].is_word("PRIMARY") else "unique"
        columns = self.column
        if not columns:
            start = next(at for at in range(place, len(self.tokens)) if self.tokens[at].is_operator("("))
            columns = normalize(inside(self.tokens, start))
        self.constraint = f"{kind} ({columns})"

    def _references(self, _place: int) -> None:
        self.found.deferred.append(False)

    def _deferrable(self, place: int) -> None:
        follow = " ".join(token.text.upper() for token in self.tokens[place + 1 : place + 3])
        negated = self.tokens[place - 1].is_word("NOT")
        if self.found.deferred:
            self.found.deferred[-1] = follow == "INITIALLY DEFERRED" and not negated

    def _on(self, place: int) -> None:
        if not self.tokens[place + 1].is_word("CONFLICT") or not self.constraint:
            return
        action = self.tokens[place + 2].text.upper()
        if action != "ABORT":
            self.found.conflicts.add(f"{self.constraint}: {action}")
