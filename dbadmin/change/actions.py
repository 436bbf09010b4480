"""What a plan consists of: typed actions, each with the exact SQL that it runs."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dbadmin.schema.tokens import quote

# Foreign keys are off, or renames and drops would reach into other tables' rows; inside a transaction it is too late.
PREPARATIONS = ("PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE")


class Kind(StrEnum):
    """The types of action."""

    CREATE_TABLE = "CreateTable"
    ADD_COLUMN = "AddColumn"
    REBUILD_TABLE = "RebuildTable"
    DROP_TABLE = "DropTable"
    RENAME_TABLE = "RenameTable"
    RENAME_COLUMN = "RenameColumn"
    CREATE_INDEX = "CreateIndex"
    DROP_INDEX = "DropIndex"
    CREATE_TRIGGER = "CreateTrigger"
    DROP_TRIGGER = "DropTrigger"
    CREATE_VIEW = "CreateView"
    DROP_VIEW = "DropView"
    CREATE_VIRTUAL_TABLE = "CreateVirtualTable"
    REBUILD_VIRTUAL_TABLE = "RebuildVirtualTable"
    REBUILD_FTS = "RebuildFts"
    REINDEX = "Reindex"
    RUN_SQL = "RunSql"
    SET_METADATA = "SetMetadata"


@dataclass(frozen=True)
class Copying:
    """The statement that moves rows: the `values`, which are expressions over `source`, into `columns` of `table`.

    `rowid` is a name of the rowid of `source`, "" where it has none.
    """

    table: str
    columns: tuple[str, ...]
    values: tuple[str, ...]
    source: str
    rowid: str = ""

    @property
    def sql(self) -> str:
        """The statement."""
        return self.sql_from(self.source)

    def sql_from(self, source: str) -> str:
        """The statement with the rows of another source, which has the same columns."""
        target = f"{quote(self.table)} ({', '.join(map(quote, self.columns))})"
        # OR ABORT: an ON CONFLICT clause of the new table would replace or skip rows without a word.
        return f"INSERT OR ABORT INTO {target} SELECT {', '.join(self.values)} FROM {source}"  # noqa: S608


@dataclass(frozen=True)
class Loss:
    """Something that goes for good, and the query that counts its rows or values."""

    name: str
    query: str


@dataclass(frozen=True)
class Action:
    """One change to the object `name`, made by `statements`, one after the other.

    `table` is the table whose rows, or rows that refer to them, may stand in its way, "" when none can. `changes`
    counts the values that the copying makes others, right after it.
    """

    kind: Kind
    name: str
    statements: tuple[str, ...]
    table: str = ""
    copying: Copying | None = field(default=None, compare=False)
    changes: tuple[Loss, ...] = field(default=(), compare=False)

    def as_data(self) -> dict[str, Any]:
        """The action as JSON knows it."""
        return {"type": str(self.kind), "name": self.name, "sql": list(self.statements)}
