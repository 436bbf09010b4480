"""Two schemas beside each other, line by line: what is alike, and what only one of them has or has otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from dbadmin.schema.diff import describe
from dbadmin.schema.model import Index, Schema, Table

EQUAL, ONLY_LEFT, ONLY_RIGHT, CHANGED = "", "only left", "only right", "changed"


@dataclass(frozen=True)
class Line:
    """A line of both sides; `mark` is empty where they are alike."""

    left: str
    right: str
    mark: str = EQUAL


@dataclass(frozen=True)
class Part:
    """An object of one of the schemas or both; `mark` says whether both have it."""

    kind: str
    name: str
    mark: str
    lines: tuple[Line, ...]


def side_by_side(left: Schema, right: Schema) -> list[Part]:
    """Every table, index, trigger and view of both, those of one name beside each other, in the order of the names."""
    others = right.as_kinds()
    return [
        _part(kind, name, objects.get(name), others[kind].get(name))
        for kind, objects in left.as_kinds().items()
        for name in sorted({*objects, *others[kind]})
    ]


def _part(kind: str, name: str, left: Any, right: Any) -> Part:
    if left is None or right is None:
        mark = ONLY_RIGHT if left is None else ONLY_LEFT
    else:
        mark = EQUAL if left == right else CHANGED
    return Part(kind, name, mark, tuple(_paired(_lines(left), _lines(right), is_equal=mark == EQUAL)))


def _lines(made: Any) -> dict[str, str]:
    """The lines of an object, each by what makes it the same line on the other side."""
    if made is None:
        return {}
    if isinstance(made, Table):
        return dict(_table_lines(made))
    if isinstance(made, Index):
        return {"": describe(made)}
    return {f"{number} {line}": line for number, line in enumerate(str(made.tokens).split("\n"))}


def _table_lines(table: Table) -> Iterator[tuple[str, str]]:
    for column in table.columns.values():
        yield f"column {column.name}", f"{column.name} {describe(column)}"
    for argument in table.arguments:
        yield f"argument {argument}", argument
    for parts in table.uniques:
        yield f"unique {parts}", f"UNIQUE ({', '.join(parts)})"
    for check in table.checks:
        yield f"check {check}", f"CHECK ({check})"
    for key in table.foreign_keys:
        yield f"key {key}", f"FOREIGN KEY {describe(key)}"
    yield "options", _options(table)


def _options(table: Table) -> str:
    words = [
        table.module,
        f"PRIMARY KEY ({', '.join(table.primary_key)})" if table.primary_key else "",
        "AUTOINCREMENT" if table.autoincrement else "",
        "WITHOUT ROWID" if table.without_rowid else "",
        "STRICT" if table.strict else "",
        *table.conflicts,
    ]
    return ", ".join(word for word in words if word)


def _paired(left: dict[str, str], right: dict[str, str], *, is_equal: bool) -> Iterator[Line]:
    if is_equal:
        yield from (Line(line, line) for line in left.values() if line)
        return
    for key in _merged(list(left), list(right)):
        mine, theirs = left.get(key, ""), right.get(key, "")
        if mine or theirs:
            yield Line(mine, theirs, _mark(mine, theirs))


def _merged(left: list[str], right: list[str]) -> Iterator[str]:
    """The keys of both, each once, in an order that keeps both lists' as well as can be."""
    seen: set[str] = set()
    for _, from_left, to_left, from_right, to_right in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for key in (*left[from_left:to_left], *right[from_right:to_right]):
            if key not in seen:
                seen.add(key)
                yield key


def _mark(left: str, right: str) -> str:
    if left == right:
        return EQUAL
    if left and right:
        return CHANGED
    return ONLY_LEFT if left else ONLY_RIGHT
