"""How one schema differs from another, as data: what is missing, what is there in addition, what is changed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dbadmin.schema.model import METADATA_TABLE, Column, ForeignKey, Index, Schema, Table

Kind = Literal["missing", "extra", "changed"]
Type = Literal["table", "column", "index", "trigger", "view", "check", "unique", "foreign_key", "option"]


@dataclass(frozen=True)
class Difference:
    """One thing that differs. `actual` and `expected` say how it is and should be, "" where it is not there.

    `table` is the table it belongs to, "" for a view. The SQL is the stored statement it stands in.
    """

    kind: Kind
    type: Type
    table: str
    name: str
    actual: str = ""
    expected: str = ""
    actual_sql: str = ""
    expected_sql: str = ""

    def as_data(self) -> dict[str, str]:
        """As JSON knows it."""
        return asdict(self)

    @property
    def sentence(self) -> str:
        """In words, of a database and its version."""
        return self.to_version("its version")

    def to_version(self, version: str) -> str:
        """In words, of a database and a version that it should have; `version` is what to call that."""
        if self.kind == "missing":
            return f"The {self._what} is missing."
        if self.kind == "extra":
            return f"The {self._what} is not in the schema of {version}."
        return f"The {self._what} is {self._actual!r} and should be {self._expected!r}."

    def to_other(self, other: str) -> str:
        """In words, of a database and another one, which is no better; `other` is what to call that."""
        if self.kind == "missing":
            return f"The {self._what} is only in {other}."
        if self.kind == "extra":
            return f"The {self._what} is not in {other}."
        return f"The {self._what} is {self._actual!r}, in {other} {self._expected!r}."

    @property
    def _what(self) -> str:
        what = f"{self.type.replace('_', ' ')} {self.name!r}"
        return f"{what} of {self.table!r}" if self.table and self.table != self.name else what

    @property
    def _actual(self) -> str:
        return self.actual or "nothing"

    @property
    def _expected(self) -> str:
        return self.expected or "nothing"


def compare(actual: Schema, expected: Schema) -> tuple[Difference, ...]:
    """What differs, ordered by kind of object and name; empty for equal schemas. Column order is no difference."""
    if actual is expected or _look_equal(actual, expected):
        return ()
    return tuple(_differences(actual, expected))


def column_order_differs(actual: Schema, expected: Schema) -> bool:
    """Whether the columns that a table of both has come in another order."""
    return any(
        [name for name in table.columns if name in other.columns] != [n for n in other.columns if n in table.columns]
        for name, table in actual.tables.items()
        if (other := expected.tables.get(name))
    )


def _look_equal(actual: Schema, expected: Schema) -> bool:
    """Fingerprints are remembered, so this costs nothing; they leave the metadata table out."""
    metadata = actual.tables.get(METADATA_TABLE), expected.tables.get(METADATA_TABLE)
    return actual.fingerprint() == expected.fingerprint() and metadata[0] == metadata[1]


def _differences(actual: Schema, expected: Schema) -> Iterator[Difference]:
    for name in _names(actual.tables, expected.tables):
        mine, theirs = actual.tables.get(name), expected.tables.get(name)
        if mine and theirs:
            yield from _in_table(mine, theirs)
        else:
            yield _whole("table", name, mine, theirs)
    pairs: list[tuple[Type, dict[str, Any], dict[str, Any]]] = [
        ("index", actual.indexes, expected.indexes),
        ("trigger", actual.triggers, expected.triggers),
        ("view", actual.views, expected.views),
    ]
    for kind, ours, others in pairs:
        for name in _names(ours, others):
            if ours.get(name) != others.get(name):
                yield _whole(kind, name, ours.get(name), others.get(name))


def _names(mine: Any, theirs: Any) -> list[str]:
    return sorted({*mine, *theirs})


def _kind(actual: Any, expected: Any) -> Kind:
    if actual is None:
        return "missing"
    return "extra" if expected is None else "changed"


def _whole(kind: Type, name: str, actual: Any, expected: Any) -> Difference:
    """An object with a statement of its own."""
    some = actual or expected
    return Difference(
        kind=_kind(actual, expected),
        type=kind,
        table=some.name if isinstance(some, Table) else getattr(some, "table", ""),
        name=name,
        actual=describe(actual),
        expected=describe(expected),
        actual_sql=actual.sql if actual else "",
        expected_sql=expected.sql if expected else "",
    )


def describe(made: Any) -> str:
    """An object of the model in one line; "" for None."""
    if made is None:
        return ""
    if isinstance(made, Column):
        return _describe_column(made)
    if isinstance(made, Index):
        where = f" WHERE {made.where}" if made.where else ""
        return f"{'UNIQUE ' if made.unique else ''}ON {made.table} ({', '.join(made.parts)}){where}"
    if isinstance(made, ForeignKey):
        return _describe_key(made)
    if isinstance(made, Table):
        return f"{made.module or 'table'} ({', '.join(made.column_names)})"
    return str(made.tokens)


def _describe_column(column: Column) -> str:
    words = [
        column.type,
        f"PRIMARY KEY {column.primary_key}" if column.primary_key else "",
        "NOT NULL" if column.not_null else "",
        f"DEFAULT {column.default}" if column.default is not None else "",
        f"COLLATE {column.collation}" if column.collation != "BINARY" else "",
        f"AS ({column.expression}) {column.generated.upper()}" if column.generated else "",
    ]
    return " ".join(word for word in words if word)


def _describe_key(key: ForeignKey) -> str:
    targets = f" ({', '.join(key.targets)})" if key.targets else ""
    actions = "".join(
        f" ON {event} {action}"
        for event, action in (("UPDATE", key.on_update), ("DELETE", key.on_delete))
        if action != "NO ACTION"
    )
    deferred = " DEFERRABLE INITIALLY DEFERRED" if key.deferred else ""
    return f"({', '.join(key.columns)}) REFERENCES {key.table}{targets}{actions}{deferred}"


def _in_table(actual: Table, expected: Table) -> Iterator[Difference]:
    """What differs inside a table that both have."""
    sql = {"actual_sql": actual.sql, "expected_sql": expected.sql}
    for name in _names(actual.columns, expected.columns):
        mine, theirs = actual.columns.get(name), expected.columns.get(name)
        if mine != theirs:
            kind = _kind(mine, theirs)
            yield Difference(kind, "column", actual.name, name, describe(mine), describe(theirs), **sql)
    for part, mine_all, theirs_all in _constraints(actual, expected):
        for text in sorted(mine_all ^ theirs_all):
            is_there = text in mine_all
            said = (text, "") if is_there else ("", text)
            yield Difference("extra" if is_there else "missing", part, actual.name, text, *said, **sql)
    ours, others = _options(actual), _options(expected)
    for name, value in ours.items():
        if value != others[name]:
            yield Difference("changed", "option", actual.name, name, value, others[name], **sql)


def _constraints(actual: Table, expected: Table) -> Iterator[tuple[Type, set[str], set[str]]]:
    yield "check", set(actual.checks), set(expected.checks)
    yield "unique", {", ".join(parts) for parts in actual.uniques}, {", ".join(parts) for parts in expected.uniques}
    yield "foreign_key", {*map(describe, actual.foreign_keys)}, {*map(describe, expected.foreign_keys)}


def _options(table: Table) -> dict[str, str]:
    return {
        "primary_key": ", ".join(table.primary_key),
        "without_rowid": "yes" if table.without_rowid else "no",
        "strict": "yes" if table.strict else "no",
        "autoincrement": "yes" if table.autoincrement else "no",
        "on_conflict": "; ".join(table.conflicts),
        "module": table.module,
        "arguments": ", ".join(table.arguments),
    }
