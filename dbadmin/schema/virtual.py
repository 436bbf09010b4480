"""Virtual tables by their statements alone: to load one could fail where its content is damaged."""

from dbadmin.schema.model import Table, is_option
from dbadmin.schema.tokens import Token, inside, lower, normalize, split, tokenize

# The tables that each module keeps its content in. PRAGMA table_list knows them too, but only where the module is
# compiled in, and goes by the names alone.
_SHADOWS = {
    "fts5": ("data", "idx", "content", "docsize", "config"),
    "fts4": ("content", "segments", "segdir", "docsize", "stat"),
    "fts3": ("content", "segments", "segdir", "stat"),
    "rtree": ("node", "rowid", "parent"),
    "rtree_i32": ("node", "rowid", "parent"),
    "geopoly": ("node", "rowid", "parent"),
}


def read_virtual_table(name: str, sql: str | None) -> Table | None:
    """The table of a CREATE VIRTUAL TABLE, None for any other statement; raises SqlError."""
    if not sql or sql[:14].upper() != "CREATE VIRTUAL":
        return None
    tokens = tokenize(sql)
    using = next(place for place, token in enumerate(tokens) if token.is_word("USING"))
    module = tokens[using + 1].name
    return Table(lower(name), {}, module=module, arguments=_arguments(tokens[using + 2 :]), sql=sql)


def shadow_tables(table: Table) -> tuple[str, ...]:
    """The names of the tables that a virtual one keeps its content in, where it is made as its arguments say.

    Any other table of such a name is people's: the content of an index that keeps none itself may be called like that.
    """
    left_out = set()
    if table.module != "fts3":  # which has no options: a = b is a column
        if table.content is not None and table.option("contentless_unindexed") != "1":
            left_out.add("content")
        if table.option("columnsize") == "0" or table.option("matchinfo") == "fts3":
            left_out.add("docsize")
    return tuple(f"{table.name}_{suffix}" for suffix in _SHADOWS.get(table.module, ()) if suffix not in left_out)


def _arguments(tokens: list[Token]) -> tuple[str, ...]:
    """The arguments in one form: columns in their order, then the options (key = value) sorted."""
    parts = split(inside(tokens, 0)) if tokens else []
    written = [_argument(list(part)) for part in parts if part]
    return (*(part for part in written if not is_option(part)), *sorted(part for part in written if is_option(part)))


def _argument(tokens: list[Token]) -> str:
    if len(tokens) > 2 and tokens[1].is_operator("="):  # noqa: PLR2004 - key, =, value
        value = " ".join(token.content for token in tokens[2:])
        # One word is a name or a number; what has several (a tokenizer with its arguments) keeps its case.
        return f"{tokens[0].name} = {lower(value) if value.isidentifier() else value}"
    return normalize(tokens)
