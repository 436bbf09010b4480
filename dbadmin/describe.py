"""One database as data: its schema, and how that differs from what it should be or from another's."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dbadmin.errors import UnknownVersionError
from dbadmin.examine import read_schema
from dbadmin.fleets import Fleet
from dbadmin.opening import open_database, translated
from dbadmin.schema.diff import Difference, compare
from dbadmin.schema.model import Schema


def schema_of(path: Path) -> Schema:
    """The schema of a file, read in one transaction. Raises FleetError for a file that cannot be read."""
    with closing(open_database(path)) as connection, translated(path):
        connection.execute("BEGIN")
        return read_schema(connection, path)


def schema_data(schema: Schema) -> Any:
    """Its tables with their columns, indexes, triggers and views, each with its SQL, and the checksum."""
    return printable(
        {
            "checksum": schema.fingerprint(),
            "tables": [_table(asdict(table)) for table in schema.tables.values()],
            "indexes": [asdict(index) for index in schema.indexes.values()],
            "triggers": [
                {"name": made.name, "table": made.table, "sql": made.sql} for made in schema.triggers.values()
            ],
            "views": [{"name": made.name, "sql": made.sql} for made in schema.views.values()],
        }
    )


def printable(value: Any) -> Any:
    """The same with bytes that are no UTF-8, which SQLite takes and JSON does not, shown as �."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {key: printable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [printable(one) for one in value]
    return value


def _table(table: dict[str, Any]) -> dict[str, Any]:
    columns = [
        {
            "name": column["name"],
            "type": column["type"],
            "notNull": column["not_null"],
            "default": column["default"],
            "primaryKey": column["primary_key"],
        }
        for column in table["columns"].values()
    ]
    return {"name": table["name"], "module": table["module"], "columns": columns, "sql": table["sql"]}


def differences_to_version(fleet: Fleet, database_id: str, version: int | None) -> Any:
    """What differs from a version. Raises UnknownVersionError, also for None, and FleetError."""
    actual = schema_of(fleet.path_of(database_id))  # before its version: what cannot be read does not say one either
    if version is None:
        raise UnknownVersionError(f"{database_id} does not say its version; name one, 1 to {fleet.registry.latest}.")
    found = compare(actual, fleet.registry.schema(version))
    return _differences(found, actual, lambda one: one.to_version(f"version {version}"), version=version)


def differences_to_other(fleet: Fleet, database_id: str, other_id: str) -> Any:
    """What differs from another database. Raises FleetError."""
    actual, expected = (schema_of(fleet.path_of(one)) for one in (database_id, other_id))
    return _differences(compare(actual, expected), actual, lambda one: one.to_other(other_id), against=other_id)


def _differences(
    found: tuple[Difference, ...], actual: Schema, sentence: Callable[[Difference], str], **compared: Any
) -> Any:
    return printable(
        {
            "version": None,
            "against": None,
            **compared,
            "checksum": actual.fingerprint(),
            "differences": [
                {
                    "kind": one.kind,
                    "type": one.type,
                    "table": one.table,
                    "name": one.name,
                    "sentence": sentence(one),
                    "actual": one.actual,
                    "expected": one.expected,
                    "actualSql": one.actual_sql,
                    "expectedSql": one.expected_sql,
                }
                for one in found
            ],
        }
    )
