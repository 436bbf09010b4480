"""One step between neighbouring versions: what the two canonical schemas alone do not say."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbadmin.errors import RegistryError
from dbadmin.schema.model import Schema, Table
from dbadmin.schema.tokens import lower

KEYS = ("rename_tables", "rename_columns", "fill", "after")


@dataclass(frozen=True)
class Step:
    """From a version to the next or the one before. Names are in lower case.

    `rename_tables` is {old: new}; `rename_columns` {table as called after the step.old column: new column}; `fill`
    {table.column: SQL expression over the row's old columns}; `after` are statements for when the structure is there.
    """

    from_version: int
    to_version: int
    rename_tables: dict[str, str] = field(default_factory=dict)
    rename_columns: dict[str, str] = field(default_factory=dict)
    fill: dict[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()

    def old_table(self, name: str) -> str:
        """What the table was called before the step."""
        return next((old for old, new in self.rename_tables.items() if new == name), name)


def read_step(declared: Any, from_version: int, to_version: int, where: str) -> Step:
    """The step that a table of registry.toml declares; `where` names it in errors. Raises RegistryError."""
    if not isinstance(declared, dict):
        raise RegistryError(f"{where} has to be a table with {', '.join(KEYS)}.")
    if unknown := sorted(set(declared) - set(KEYS)):
        raise RegistryError(f"{where} has a key {unknown[0]!r}; it takes {', '.join(KEYS)}.")
    after = declared.get("after", [])
    if not isinstance(after, list) or not all(isinstance(statement, str) for statement in after):
        raise RegistryError(f"{where}.after has to be a list of SQL statements.")
    return Step(
        from_version,
        to_version,
        rename_tables={old: lower(new) for old, new in _texts(declared, "rename_tables", where)},
        rename_columns={old: lower(new) for old, new in _texts(declared, "rename_columns", where)},
        fill=dict(_texts(declared, "fill", where)),
        after=tuple(after),
    )


def _texts(declared: dict[str, Any], key: str, where: str) -> Iterator[tuple[str, str]]:
    pairs = declared.get(key, {})
    if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
        raise RegistryError(f'{where}.{key} has to be a table of texts: {{ name = "…" }}.')
    return ((lower(name), value) for name, value in pairs.items())


def check_step(step: Step, before: Schema, after: Schema, folder: Path, where: str) -> None:
    """Raises RegistryError for a name that its version does not have."""
    for old, new in step.rename_tables.items():
        _table(before, old, f"{folder}: {where}.rename_tables renames {old!r}", step.from_version)
        _table(after, new, f"{folder}: {where}.rename_tables makes {new!r}", step.to_version)
    for written, new in step.rename_columns.items():
        says = f"{folder}: {where}.rename_columns has {written!r}"
        table, old = _parts(written, says)
        _column(_table(after, table, says, step.to_version), new, says, step.to_version)
        _column(_table(before, step.old_table(table), says, step.from_version), old, says, step.from_version)
    for written in step.fill:
        says = f"{folder}: {where}.fill has {written!r}"
        table, column = _parts(written, says)
        _column(_table(after, table, says, step.to_version), column, says, step.to_version)


def _parts(written: str, says: str) -> tuple[str, str]:
    table, dot, column = written.partition(".")
    if not dot:
        raise RegistryError(f"{says}, which is not of the form table.column.")
    return table, column


def _table(schema: Schema, name: str, says: str, version: int) -> Table:
    if name not in schema.tables:
        raise RegistryError(f"{says}, but v{version}.sql has no table {name!r}.")
    return schema.tables[name]


def _column(table: Table, name: str, says: str, version: int) -> None:
    # The columns of a virtual table are its module's business.
    if not table.module and name not in table.columns:
        raise RegistryError(f"{says}, but {table.name!r} has no column {name!r} in v{version}.sql.")
