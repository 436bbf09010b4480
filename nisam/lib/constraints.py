"""Constraints of the database that Django has no class for."""

from collections.abc import Sequence
from typing import Any

from django.db.models import BaseConstraint


class Repeats(BaseConstraint):
    """Columns that repeat those of the row that a foreign key leads to, and are kept in step by the database itself.

    A foreign key of several columns with ON UPDATE CASCADE: what another transaction or SQL typed into a shell changes
    there changes here at once, and a row that says something else is refused with an IntegrityError. Columns have the
    same names on both sides; there, the primary key and `fields` need a UniqueConstraint together. It checks what
    `foreign_key` would, which needs no constraint of its own then (`db_constraint=False`).
    """

    def __init__(self, *, foreign_key: str, fields: Sequence[str], name: str) -> None:
        super().__init__(name=name)
        self.foreign_key, self.fields = foreign_key, tuple(fields)

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        """For CREATE TABLE."""
        quote = schema_editor.quote_name
        key = model._meta.get_field(self.foreign_key)  # noqa: SLF001 - Django's documented Meta API
        there = key.related_model._meta  # noqa: SLF001 - the same
        here = [key.column, *(model._meta.get_field(name).column for name in self.fields)]  # noqa: SLF001 - the same
        repeated = [there.pk.column, *(there.get_field(name).column for name in self.fields)]
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({', '.join(map(quote, here))})"
            f" REFERENCES {quote(there.db_table)} ({', '.join(map(quote, repeated))})"
            " ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED"
        )

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        """For a table that is there; SQLite makes it anew instead."""
        table = schema_editor.quote_name(model._meta.db_table)  # noqa: SLF001 - the same
        return f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        """The reverse."""
        table = schema_editor.quote_name(model._meta.db_table)  # noqa: SLF001 - the same
        return f"ALTER TABLE {table} DROP CONSTRAINT {schema_editor.quote_name(self.name)}"

    def validate(self, *_: Any, **__: Any) -> None:
        """Nobody types these columns in a form."""

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """For migrations."""
        path, arguments, options = super().deconstruct()
        return path, arguments, {**options, "foreign_key": self.foreign_key, "fields": self.fields}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Repeats) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__
